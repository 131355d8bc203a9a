// The sample of docs/events.md for SQLite.
#include <sqlite3.h>
#include <taffrail/instrument/sqlite.h>

namespace samples {

int CountTasks(sqlite3* db) {
  // [sqlite]
  const taffrail::instrument::SqliteTracing tracing(db, "tasks");  // once a connection

  sqlite3_stmt* statement = nullptr;
  taffrail::instrument::sqlite_prepare(db, "SELECT count(*) FROM tasks WHERE owner = ?", &statement);
  sqlite3_bind_text(statement, 1, "usr_1", -1, SQLITE_STATIC);
  const bool found = taffrail::instrument::sqlite_step(statement) == SQLITE_ROW;
  // [/sqlite]
  const int count = found ? sqlite3_column_int(statement, 0) : 0;
  sqlite3_finalize(statement);
  return count;
}

}  // namespace samples
