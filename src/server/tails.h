// Live tails: standing queries whose matches go to HTTP clients as server-sent events.
//
//   commit ─ StandingQueries ─ Tail::Offer ─ HttpStream (its buffer is the queue) ─ client
//
// A client that reads too slowly loses lines, never holds up ingest, and is told how many it lost:
//   event: dropped
//   data: {"dropped":1234}
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/status.h"
#include "expr/matcher.h"
#include "ingest/standing.h"
#include "net/http_server.h"

namespace taffrail::server {

class Tails {
 public:
  // `standing` must outlive this object.
  Tails(ingest::StandingQueries& standing, size_t max_tails);
  ~Tails();  // Stop

  Tails(const Tails&) = delete;
  Tails& operator=(const Tails&) = delete;

  // Answers the request with a stream of what matches from now on. ResourceExhausted when there are too many
  // tails already; then nothing is sent.
  absl::Status Open(std::shared_ptr<const expr::Matcher> matcher, net::HttpResponder& responder);

  size_t count() const;
  // Ends every tail, and refuses new ones. To be called while the HTTP server still runs: it calls back into
  // here.
  void Stop();

 private:
  class Tail;

  void Close(const Tail* tail);
  void HeartbeatLoop();

  ingest::StandingQueries& standing_;
  const size_t max_tails_;
  mutable absl::Mutex mutex_;
  std::vector<std::shared_ptr<Tail>> tails_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread heartbeat_;
};

}  // namespace taffrail::server
