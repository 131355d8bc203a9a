// An HTTP/1.1 server: requests handled on worker threads, bodies pulled in constant memory, answers sent
// whole or streamed for as long as the client listens. Knows nothing of logs.
//
//   io threads ── accept, parse the head ──> bounded queue ──> worker: handler(request, responder)
//        ^                                                        │ pulls the body, may block (group commit)
//        └──────────────── answer, stream chunks <────────────────┘
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "net/headers.h"
#include "net/lane.h"
#include "net/problem.h"
#include "net/url.h"

namespace taffrail::net {

// Where the (decoded) bytes of a request body come from.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // Replaces chunk with the next bytes; false at the end. Blocks.
  virtual absl::StatusOr<bool> Read(std::string& chunk) = 0;
};

// One request. Its fields are valid, and its body readable, until the handler returns; used by one thread at
// a time.
class HttpRequest {
 public:
  std::string method;     // "GET", as sent
  std::string raw_path;   // as sent
  std::string path;       // percent-decoded
  std::string raw_query;  // as sent, without the "?"
  QueryParameters query;
  Headers headers;
  std::string remote_address;  // "127.0.0.1"
  uint16_t remote_port = 0;
  int64_t waited_ns = 0;  // from the end of its head until a worker took it
  std::vector<std::pair<std::string, std::string>>
      path_parameters;  // filled by Router: {name} -> decoded value

  // The value of a {name} segment of the matched pattern, or "".
  std::string_view PathParameter(std::string_view name) const;

  // The next piece of the body with its Content-Encoding undone, at most kBodyChunkBytes; false at the end.
  // Blocks until some bytes are there. Errors carry their HTTP status (problem.h): ResourceExhausted past the
  // body limit (413), InvalidArgument or DataLoss for a damaged encoding (400), 415 for an unknown one,
  // DeadlineExceeded for a client that is too slow (408), Unavailable when it has gone. After an error every
  // read gives that error again.
  absl::StatusOr<bool> ReadBody(std::string& chunk);
  // All of it; fails with ResourceExhausted (413) when it is longer than limit_bytes.
  absl::StatusOr<std::string> ReadWholeBody(uint64_t limit_bytes);
  // How many decoded bytes ReadBody gives before it fails; until set, ServerOptions::max_body_bytes.
  void SetBodyLimit(uint64_t limit_bytes) { body_limit_bytes_ = limit_bytes; }

  // For the server, and for tests that drive a handler directly.
  void SetBodySource(std::unique_ptr<BodySource> source) { body_ = std::move(source); }

  static constexpr size_t kBodyChunkBytes = 256
                                            << 10;  // big enough to hide the hand-over, small beside a worker

 private:
  std::unique_ptr<BodySource> body_;
  uint64_t body_limit_bytes_ = UINT64_MAX;
  uint64_t body_read_bytes_ = 0;
  absl::Status body_error_;
};

// A streamed answer. Thread-safe; outlives the handler and holds no worker.
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  // Sends a chunk. Blocks while more than ServerOptions::stream_buffer_bytes wait for the client; false once
  // the client is gone, the stream is closed or the server stops.
  virtual bool Write(std::string_view data) = 0;
  // The same, but never blocks: false also when the buffer is full, and then nothing of data is sent.
  virtual bool TryWrite(std::string data) = 0;
  // Ends the answer after what was written. Further calls do nothing.
  virtual void Close() = 0;
  // Ends a broken answer: what was written is sent, and then the connection is cut where a complete answer
  // would have its end, so that no client takes the part for the whole.
  virtual void Abort() = 0;
  virtual bool closed() const = 0;
  // Called once, when the stream ends for whatever reason, on the thread that ends it and with no lock held;
  // at once if it has ended. It must not block. At most one callback; a second replaces the first.
  virtual void OnClose(std::function<void()> callback) = 0;
};

// Answers one request, once. A handler that answers nothing is answered for: 500.
class HttpResponder {
 public:
  virtual ~HttpResponder() = default;
  // Content-Length, Date and Connection are the server's. REQUIRES: nothing sent yet. Does not block.
  virtual void Send(int status, Headers headers, std::string body) = 0;
  // Chunked (to the connection's end for HTTP/1.0). Reading the request body is over once it is called.
  // REQUIRES: nothing sent yet.
  virtual std::shared_ptr<HttpStream> BeginStream(int status, Headers headers) = 0;
  virtual bool sent() const = 0;
  // Whether the client has gone away: long work may look now and then, and stop.
  virtual bool client_gone() const = 0;

  // A problem document (RFC 9457); the title is the status's own phrase.
  void SendProblem(int status, std::string_view detail, const std::vector<ProblemField>& extra = {});
  // The same from an error, with HttpStatusOf(error) and its message; 503 and 429 carry Retry-After.
  void SendError(const absl::Status& error);
};

using HttpHandler = std::function<void(HttpRequest&, HttpResponder&)>;

struct HttpAnswer {
  int status = 200;
  Headers headers;
  std::string body;
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0: the system picks one, HttpServer::port() tells

  int io_threads = 1;  // parsing heads and moving bytes: one core's worth serves gigabits
  // Handlers may wait for a group commit, which any number of them share, and for readers of long answers.
  int worker_threads = 16;
  // Requests of lanes (lane.h) have at most so many of the workers; the rest is for those of none.
  int lane_threads = 12;
  // The lane of a request, of which the body cannot be read; null: all are of none. And what is answered to
  // those that it has no room for: set with it. Called on any thread of the server; must not block.
  std::function<Lane(const HttpRequest&)> lane_of;
  std::function<HttpAnswer(const HttpRequest&)> lane_is_full;
  // Each costs a descriptor and a few KiB; half of the usual 1024 descriptors is left to the store's files.
  int max_connections = 512;
  // Requests read but not started. A worker takes about 1 ms, so a full queue is some 32 ms of work; beyond
  // it an early 503 is kinder than a late answer.
  int max_queued_requests = 256;

  size_t max_header_bytes = 64 << 10;  // browsers' cookies and tracing headers fit 16 KiB; no one needs more
  uint64_t max_body_bytes = uint64_t{64} << 20;  // decoded, for handlers that set no limit of their own
  size_t stream_buffer_bytes = 1 << 20;          // per streamed answer: a second of a fast tail

  int64_t idle_timeout_ms =
      75'000;  // between requests of a connection: longer than the 60 s of usual proxies
  int64_t header_timeout_ms = 10'000;  // for a whole head, however its bytes trickle in (slow loris)
  // A body must arrive within this plus one second for every min_body_bytes_per_s received.
  int64_t body_timeout_ms = 30'000;
  int64_t min_body_bytes_per_s = 1'000;  // slower than any modem; a worker waits for it
  int64_t write_timeout_ms = 30'000;     // the client takes no byte for so long: it is gone
};

class HttpServer {
 public:
  // Listens and serves until Stop. Unavailable when the address cannot be bound (the message names it).
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(ServerOptions options, HttpHandler handler);
  ~HttpServer();  // Stop with the default deadline

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  uint16_t port() const;
  int connections() const;
  std::vector<LaneState> Lanes() const;  // those with requests
  uint64_t refused_in_lanes() const;     // requests, since the start

  // Graceful: accepts no more, ends idle connections and streams, lets requests in flight finish until the
  // deadline, then cuts what is left and waits for the handlers to return. Not to be called from a handler.
  void Stop(int64_t deadline_ms = 5'000);

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace taffrail::net
