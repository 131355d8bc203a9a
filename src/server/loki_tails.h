// Live tails for Loki's clients: a log query over what comes in, over a WebSocket.
//
//   commit ─ StandingQueries ─ rows that match ─ bounded queue ─ a thread of the tail: stages, JSON ─ client
//
// The committing thread only copies the rows; templates and parsers run on the tail's own thread. A client
// that is too slow loses lines and is told how many.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/status.h"
#include "ingest/standing.h"
#include "net/http_server.h"
#include "query/plan/plan.h"

namespace taffrail::server {

class LokiTails {
 public:
  // `standing` must outlive this object.
  LokiTails(ingest::StandingQueries& standing, size_t max_tails)
      : standing_(standing), max_tails_(max_tails) {}
  ~LokiTails();  // Stop

  struct Request {
    query::plan::Plan plan;
    bool categorizes_labels = false;
    net::Headers headers;  // of the answer
  };
  class Tail;
  // Accepts the WebSocket and begins to collect what matches. ResourceExhausted when there are too many
  // tails; then nothing is sent.
  absl::StatusOr<std::shared_ptr<Tail>> Open(Request request, net::HttpResponder& responder);
  // Begins to send: first `history`, a message or empty. Lines up to the sequence `seen` are in it already.
  // To be called once.
  static void Begin(Tail& tail, std::string history, uint64_t seen);

  // Ends every tail, and refuses new ones. To be called while the HTTP server still runs.
  void Stop();

 private:
  ingest::StandingQueries& standing_;
  const size_t max_tails_;
  absl::Mutex mutex_;
  std::vector<std::shared_ptr<Tail>> tails_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace taffrail::server
