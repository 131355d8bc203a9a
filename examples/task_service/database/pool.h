// A fixed number of connections, lent to whoever asks first.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "task_service/database/connection.h"

namespace task_service {

struct DatabaseOptions {
  std::string path;
  // Readers run beside each other in WAL mode; more connections than handler threads would never be used.
  int connections = 6;
  std::chrono::milliseconds wait_max{
      2000};  // longer than a good answer takes, shorter than a caller's patience
  int64_t slow_query_ms = 100;
};

class PoolExhausted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class ConnectionPool {
 public:
  explicit ConnectionPool(const DatabaseOptions& options);

  // Gives its connection back when it goes.
  class Lease {
   public:
    Lease(ConnectionPool* pool, Connection* connection) : pool_(pool), connection_(connection) {}
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_; }

   private:
    ConnectionPool* pool_;
    Connection* connection_;
  };

  // Waits for a free connection; throws PoolExhausted, having logged it, after wait_max.
  Lease Acquire();

 private:
  void Release(Connection* connection);

  DatabaseOptions options_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::mutex mutex_;
  std::condition_variable released_;
  std::vector<Connection*> free_;  // guarded by mutex_
};

}  // namespace task_service
