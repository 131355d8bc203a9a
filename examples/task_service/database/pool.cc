#include "task_service/database/pool.h"

#include <utility>

#include <taffrail/log.h>

namespace task_service {
namespace {

using taffrail::kv;

const taffrail::Logger log("database.pool");

}  // namespace

ConnectionPool::ConnectionPool(const DatabaseOptions& options) : options_(options) {
  for (int i = 0; i < options_.connections; ++i) {
    connections_.push_back(std::make_unique<Connection>(options_.path, options_.slow_query_ms));
    free_.push_back(connections_.back().get());
  }
}

ConnectionPool::Lease ConnectionPool::Acquire() {
  std::unique_lock lock(mutex_);
  if (!released_.wait_for(lock, options_.wait_max, [this] { return !free_.empty(); })) {
    lock.unlock();
    log.error("Connection pool exhausted", kv("event", "ConnectionPoolExhausted"),
              kv("connections", options_.connections), kv("waited_ms", options_.wait_max));
    throw PoolExhausted("every database connection is in use");
  }
  Connection* connection = free_.back();
  free_.pop_back();
  return {this, connection};
}

void ConnectionPool::Release(Connection* connection) {
  {
    const std::scoped_lock lock(mutex_);
    free_.push_back(connection);
  }
  released_.notify_one();
}

ConnectionPool::Lease::~Lease() { pool_->Release(connection_); }

}  // namespace task_service
