// Live tails: standing queries whose matches go to HTTP clients as server-sent events.
//
//   commit ─ StandingQueries ─ Tail::Offer ─ HttpStream (its buffer is the queue) ─ client
//
// Where a query looks inside lines (a parser, jq), the committing thread only copies what passes its filter;
// the stages run on a thread of the tail:
//
//   commit ─ StandingQueries ─ TailQueue ─ Execute ─ HttpStream ─ client
//
// A client that reads too slowly loses lines, never holds up ingest, and is told how many it lost:
//   event: dropped
//   data: {"dropped":1234}
// Lines for which a filter failed are told of once, as `event: note` (query_notes.h); a filter that went over
// its limits ends the tail with `event: error` and a problem document.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/status.h"
#include "ingest/standing.h"
#include "net/http_server.h"
#include "query/plan/plan.h"

namespace taffrail::server {

class Tails {
 public:
  // `standing` must outlive this object.
  Tails(ingest::StandingQueries& standing, size_t max_tails);
  ~Tails();  // Stop

  Tails(const Tails&) = delete;
  Tails& operator=(const Tails&) = delete;

  // Answers the request with a stream of what matches from now on. ResourceExhausted when there are too many
  // tails already; then nothing is sent. REQUIRES: a plan of ParseTail (query_text.h).
  absl::Status Open(query::plan::Plan plan, net::HttpResponder& responder);

  size_t count() const;
  // Ends every tail, and refuses new ones. To be called while the HTTP server still runs: it calls back into
  // here.
  void Stop();

 private:
  class Tail;

  void Close(const Tail* tail);
  void Reap();
  void HeartbeatLoop();

  ingest::StandingQueries& standing_;
  const size_t max_tails_;
  mutable absl::Mutex mutex_;
  std::vector<std::shared_ptr<Tail>> tails_ ABSL_GUARDED_BY(mutex_);
  // Closed, but with a thread that is still to be waited for, by someone who may.
  std::vector<std::shared_ptr<Tail>> ended_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread heartbeat_;
};

}  // namespace taffrail::server
