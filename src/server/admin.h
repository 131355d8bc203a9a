// What an administrator does to the store of a running server.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/status.h"
#include "net/http_server.h"
#include "store/store.h"

namespace taffrail::server {

struct App;

// What to delete, and in which words it was asked for.
struct DeleteOrder {
  std::string query;
  store::DeleteRequest request;
};

// The condition and range of a query that only says which lines, in the language named. InvalidArgument when
// it does more: what a stage computes is not what is stored.
absl::StatusOr<DeleteOrder> OrderOf(std::string_view language, std::string_view query, int64_t now_ns);

// Deletes, and writes what was asked for and what came of it to the server's own log.
absl::StatusOr<store::RemovalReport> DeleteAndLog(App& app, DeleteOrder order,
                                                  const net::HttpRequest& request,
                                                  const net::HttpResponder& responder);

// The deletes that Loki's API has done since the start, for its list. Thread-safe.
class LokiDeletes {
 public:
  // Loki clients look for the one they have just made; a list of thousands is read by nobody.
  static constexpr size_t kMost = 1000;

  struct Done {
    std::string id;
    std::string query;
    int64_t start_ns = 0;
    int64_t end_ns = 0;
    int64_t created_ns = 0;
  };

  void Add(Done done) {
    absl::MutexLock lock(&mutex_);
    done_.push_back(std::move(done));
    if (done_.size() > kMost) done_.pop_front();
  }
  std::vector<Done> List() const {
    absl::MutexLock lock(&mutex_);
    return {done_.begin(), done_.end()};
  }

 private:
  mutable absl::Mutex mutex_;
  std::deque<Done> done_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace taffrail::server
