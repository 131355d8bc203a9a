// One SQLite connection in WAL mode with its prepared statements. For one thread at a time; see pool.h.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>

namespace task_service {

// A statement the service uses. Always a constant: values are bound, never written into the text, so that the
// text may be logged. Its address is the key of the statement cache.
struct Query {
  const char* sql;
  const char* type;   // SELECT, INSERT, …
  const char* table;  // the one it is about
};

class DatabaseError : public std::runtime_error {
 public:
  DatabaseError(int code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] int code() const { return code_; }  // SQLite's own

 private:
  int code_;
};

class Connection;

// A prepared statement being used: bind from 1, step, read columns from 0. When it goes, what it did is
// logged.
class Statement {
 public:
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& Bind(int index, std::string_view value);
  Statement& Bind(int index, int64_t value);
  Statement& BindNull(int index);

  bool Step();        // true: a row is there to be read; throws DatabaseError
  int64_t Execute();  // to the end; the number of rows changed

  [[nodiscard]] std::string Text(int column) const;
  [[nodiscard]] int64_t Integer(int column) const;

 private:
  friend class Connection;
  Statement(Connection& connection, const Query& query, sqlite3_stmt* handle)
      : connection_(connection), query_(query), handle_(handle) {}
  void Check(int code) const;

  Connection& connection_;
  const Query& query_;
  sqlite3_stmt* handle_;
  int64_t spent_ns_ = 0;  // inside SQLite: what the caller does between rows is not the database's time
  int64_t rows_ = 0;
  bool failed_ = false;
};

class Connection {
 public:
  // Creates the file when it is not there. Throws DatabaseError.
  Connection(const std::string& path, int64_t slow_query_ms);

  // The statement must be gone before the same query is prepared again.
  Statement Prepare(const Query& query);
  void ExecuteScript(const char* sql);

  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }
  [[nodiscard]] int64_t slow_query_ms() const { return slow_query_ms_; }

 private:
  struct CloseHandle {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  int64_t slow_query_ms_;
  std::unique_ptr<sqlite3, CloseHandle> handle_;
  std::unordered_map<const Query*, std::unique_ptr<sqlite3_stmt, FinalizeStatement>> statements_;
};

// Everything between construction and Commit happens, or nothing does.
class Transaction {
 public:
  explicit Transaction(Connection& connection);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void Commit();

 private:
  Connection& connection_;
  bool open_ = true;
};

}  // namespace task_service
