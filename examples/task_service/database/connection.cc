#include "task_service/database/connection.h"

#include <chrono>

#include <taffrail/log.h>

namespace task_service {
namespace {

using taffrail::kv;
using Clock = std::chrono::steady_clock;

const taffrail::Logger log("database");

// A writer waits this long for another one to finish: SQLite lets one write at a time.
constexpr int kBusyTimeoutMs = 5'000;

constexpr int64_t kNanosPerMilli = 1'000'000;

// The statement's text says what was asked; what was bound to it is the users' own and never logged.
void LogQuery(const Query& query, int64_t spent_ns, int64_t rows, int64_t slow_query_ms) {
  const std::chrono::nanoseconds spent(spent_ns);
  if (spent_ns >= slow_query_ms * kNanosPerMilli) {
    log.warning("Slow database query", kv("query_type", query.type), kv("table", query.table),
                kv("duration_ms", spent), kv("rows", rows), kv("threshold_ms", slow_query_ms),
                kv("query", query.sql));
  } else {
    log.debug("Executed database query", kv("query_type", query.type), kv("table", query.table),
              kv("duration_ms", spent), kv("rows", rows));
  }
}

}  // namespace

Statement::~Statement() {
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
  if (!failed_) {
    LogQuery(query_, spent_ns_, rows_, connection_.slow_query_ms());
  }
}

Statement& Statement::Bind(int index, std::string_view value) {
  // SQLITE_TRANSIENT: it copies, so that temporaries may be bound.
  Check(sqlite3_bind_text64(handle_, index, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::Bind(int index, int64_t value) {
  Check(sqlite3_bind_int64(handle_, index, value));
  return *this;
}

Statement& Statement::BindNull(int index) {
  Check(sqlite3_bind_null(handle_, index));
  return *this;
}

bool Statement::Step() {
  const auto start = Clock::now();
  const int code = sqlite3_step(handle_);
  spent_ns_ += std::chrono::nanoseconds(Clock::now() - start).count();
  if (code == SQLITE_ROW) {
    ++rows_;
    return true;
  }
  if (code != SQLITE_DONE) {
    failed_ = true;
    log.error("Database query failed", kv("query_type", query_.type), kv("table", query_.table),
              kv("duration_ms", std::chrono::nanoseconds(spent_ns_)), kv("error_code", code),
              kv("error", sqlite3_errmsg(connection_.handle())), kv("query", query_.sql));
    throw DatabaseError(code, sqlite3_errmsg(connection_.handle()));
  }
  return false;
}

int64_t Statement::Execute() {
  while (Step()) {
  }
  rows_ = sqlite3_changes64(connection_.handle());
  return rows_;
}

std::string Statement::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  return text == nullptr ? std::string() : std::string(text, sqlite3_column_bytes(handle_, column));
}

int64_t Statement::Integer(int column) const { return sqlite3_column_int64(handle_, column); }

void Statement::Check(int code) const {
  if (code != SQLITE_OK) {
    throw DatabaseError(code, sqlite3_errmsg(connection_.handle()));
  }
}

Connection::Connection(const std::string& path, int64_t slow_query_ms) : slow_query_ms_(slow_query_ms) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) {
    throw DatabaseError(code,
                        path + ": " + (handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code)));
  }
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  // NORMAL: in WAL mode a power failure may cost the last transactions, never the file.
  ExecuteScript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;");
}

Statement Connection::Prepare(const Query& query) {
  auto& prepared = statements_[&query];
  if (!prepared) {
    sqlite3_stmt* handle = nullptr;
    const int code =
        sqlite3_prepare_v3(handle_.get(), query.sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
    if (code != SQLITE_OK) {
      log.error("Database query failed", kv("query_type", query.type), kv("table", query.table),
                kv("error_code", code), kv("error", sqlite3_errmsg(handle_.get())), kv("query", query.sql));
      throw DatabaseError(code, sqlite3_errmsg(handle_.get()));
    }
    prepared.reset(handle);
  }
  return Statement(*this, query, prepared.get());
}

void Connection::ExecuteScript(const char* sql) {
  const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) {
    throw DatabaseError(code, sqlite3_errmsg(handle_.get()));
  }
}

Transaction::Transaction(Connection& connection) : connection_(connection) {
  connection_.ExecuteScript("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (open_) {
    sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

void Transaction::Commit() {
  connection_.ExecuteScript("COMMIT");
  open_ = false;
}

}  // namespace task_service
