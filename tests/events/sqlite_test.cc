// The instrumentation of SQLite with SQLite itself.
#include "taffrail/instrument/sqlite.h"

#include <gmock/gmock.h>

#include "logged_lines.h"
#include "taffrail/context.h"

namespace taffrail::instrument {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class SqliteTest : public LoggedTest {
 protected:
  SqliteTest() {
    sqlite3_open(":memory:", &db_);
    tracing_ = std::make_unique<SqliteTracing>(db_, "tasks");
  }
  ~SqliteTest() override {
    tracing_.reset();
    sqlite3_close(db_);
  }
  // By SQLite's own functions.
  void Run(const char* sql, const char* bound = nullptr) {
    sqlite3_stmt* statement = nullptr;
    ASSERT_EQ(sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr), SQLITE_OK) << sqlite3_errmsg(db_);
    if (bound != nullptr) sqlite3_bind_text(statement, 1, bound, -1, SQLITE_TRANSIENT);
    while (sqlite3_step(statement) == SQLITE_ROW) {
    }
    sqlite3_finalize(statement);
  }

  sqlite3* db_ = nullptr;
  std::unique_ptr<SqliteTracing> tracing_;
};

// REQ E-03
TEST_F(SqliteTest, QueriesAreLoggedAndCountedByTheirShape) {
  Run("CREATE TABLE t (a TEXT UNIQUE, b)");
  Run("INSERT INTO t (a) VALUES (?), ('literal-secret')", "bound-secret");
  Run("SELECT * FROM t WHERE a <> \"other-secret\"");
  EXPECT_THAT(Everything(), Not(HasSubstr("secret")));
  EXPECT_THAT(
      Lines({"query_type", "table", "rows", "db_system", "database", "query"}),
      ElementsAre(StartsWith("Executed database query query_type=\"CREATE\" table=\"t\""),
                  "Executed database query query_type=\"INSERT\" table=\"t\" rows=2 db_system=\"sqlite\" "
                  "database=\"tasks\" query=\"INSERT INTO t (a) VALUES (?)\"",
                  "Executed database query query_type=\"SELECT\" table=\"t\" db_system=\"sqlite\" "
                  "database=\"tasks\" query=\"SELECT * FROM t WHERE a <> ?\""));
  EXPECT_EQ(stats_.totals().database_queries, 3U);
  EXPECT_GT(stats_.totals().database_time.count(), 0);
}

TEST_F(SqliteTest, AFailureIsToldOnceAndWithoutValues) {
  Run("CREATE TABLE t (a TEXT UNIQUE)");
  Lines({});
  EXPECT_EQ(sqlite_exec(db_, "INSERT INTO t VALUES ('secret'); INSERT INTO t VALUES ('secret')"),
            SQLITE_CONSTRAINT);
  EXPECT_THAT(Everything(), Not(HasSubstr("secret")));
  EXPECT_THAT(Lines({"database", "error_code", "error_message"}),
              ElementsAre("Executed database query database=\"tasks\"",
                          "Database query failed database=\"tasks\" error_code=\"2067\" "
                          "error_message=\"UNIQUE constraint failed: t.a\""));

  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite_prepare(db_, "SELECT * FORM \"secret\"", &statement), SQLITE_ERROR);
  EXPECT_THAT(Everything(), Not(HasSubstr("near \\\"secret")));
  EXPECT_THAT(Lines({"error_code"}), ElementsAre("Database query failed error_code=\"1\""));
  EXPECT_EQ(stats_.totals().database_queries, 4U);

  ASSERT_EQ(sqlite3_prepare_v2(db_, "INSERT INTO t VALUES (?)", -1, &statement, nullptr), SQLITE_OK);
  sqlite3_bind_text(statement, 1, "secret", -1, SQLITE_STATIC);
  EXPECT_EQ(sqlite_step(statement), SQLITE_CONSTRAINT);
  sqlite3_finalize(statement);
  EXPECT_THAT(Lines({"query", "error_code"}),
              ElementsAre("Database query failed query=\"INSERT INTO t VALUES (?)\" error_code=\"2067\""));
  EXPECT_EQ(stats_.totals().database_queries, 5U);
}

// REQ C-04
TEST_F(SqliteTest, StatementsCarryTheRequestsId) {
  const Scope scope({{"request_id", "req_42"}});
  sqlite3_stmt* statement = nullptr;
  ASSERT_EQ(sqlite_prepare(db_, "SELECT 1", &statement), SQLITE_OK);
  EXPECT_THAT(sqlite3_sql(statement), HasSubstr("/*request_id='req_42'"));
  EXPECT_EQ(sqlite_step(statement), SQLITE_ROW);
  EXPECT_EQ(sqlite3_column_int(statement, 0), 1);
  EXPECT_EQ(sqlite_step(statement), SQLITE_DONE);
  sqlite3_finalize(statement);
  EXPECT_THAT(Lines({"query"}), ElementsAre("Executed database query query=\"SELECT ?\""));
}

TEST_F(SqliteTest, ASlowOneIsAWarning) {
  events::set_slow_query_threshold(std::chrono::nanoseconds(1));
  Run("SELECT 1");
  events::set_slow_query_threshold(std::chrono::milliseconds(100));
  EXPECT_THAT(Everything(), HasSubstr("\"level\":\"WARNING\""));
  EXPECT_THAT(Lines({}), ElementsAre("Slow database query"));
}

TEST_F(SqliteTest, ATriggersStatementsBelongToTheStatementThatFiredIt) {
  Run("CREATE TABLE t (a)");
  Run("CREATE TABLE log (a)");
  Run("CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a); END");
  Lines({});
  Run("INSERT INTO t VALUES (1)");
  EXPECT_THAT(Lines({"table"}), ElementsAre("Executed database query table=\"t\""));
}

}  // namespace
}  // namespace taffrail::instrument
