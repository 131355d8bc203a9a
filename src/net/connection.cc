// The life of a connection.
//
//   kIdle ──first byte──> kHead ──head complete──> kHandling ──answered, handler returned──> one of
//     kIdle        for the next request
//     kDraining    a body that nobody read, and then kIdle
//     kLingering   until the client has read its answer, and then kClosed
//
// Everything here runs on the connection's strand, so it needs no lock; the two exceptions are marked: the
// handler itself (on a worker) and PulledBody::Read, where the worker waits for body bytes. The strand is run
// by who has something for it, a worker too.
//
// At most one wait for something to read is outstanding, whoever wants the bytes: the head parser, a handler
// that pulls the body, or nobody. The wait for nobody, while a handler works or a stream is open, is how a
// client that leaves is noticed at once; what a pipelining client sends early is kept in in_.
//
// A client that shuts its sending side only (EOF) may still wait for the answer, and gets it; a streamed
// answer ends there, since nothing tells such a client from one that closed.
#include "net/connection.h"

#include <array>
#include <atomic>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <utility>

#include "base/env.h"
#include "net/body_pace.h"
#include "net/decoded_body.h"
#include "net/here_executor.h"
#include "net/new_request.h"
#include "net/pull_gate.h"
#include "net/request_parser.h"
#include "net/response_head.h"
#include "net/socket_io.h"
#include "net/stream_channel.h"
#include "net/websocket.h"

namespace taffrail::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr size_t kReadBytes = 32 << 10;  // at once, of a head; each of max_connections may hold it
// What a worker that waits for a body gets at once, if the kernel has it: handing over costs two switches of
// threads, which is as much as decoding some twenty lines.
constexpr size_t kPullBytes = 256 << 10;
constexpr uint64_t kMaxDrainBytes = 64 << 10;  // of a body nobody read: more costs as much as a connection
constexpr int64_t kLingerMs = 2'000;           // for the client to read its answer before the socket is reset
constexpr auto kMinIdle = std::chrono::seconds(1);  // a newcomer's first request may be on its way
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

class ConnectionImpl final : public Connection, public std::enable_shared_from_this<ConnectionImpl> {
 public:
  ConnectionImpl(asio::io_context& io, int socket, const Services& services)
      : services_(services), options_(services.options), strand_(HereExecutor(io)), socket_(io), timer_(io) {
    remote_ = Adopt(socket, socket_);
  }

  void Start() override {
    Post([this] { BeginRequest(); });
  }
  void EndIfIdle() override {
    Post([this] {
      if (phase_ == Phase::kIdle && Clock::now() - idle_since_ > kMinIdle) Close();
    });
  }
  void EndGracefully() override {
    Post([this] {
      stopping_ = true;
      keep_alive_ = false;
      if (phase_ == Phase::kIdle || phase_ == Phase::kHead) Close();
      if (stream_ != nullptr) stream_->Close();
    });
  }
  void Cut() override {
    Post([this] { Close(); });
  }

 private:
  enum class Phase { kIdle, kHead, kHandling, kDraining, kLingering, kClosed };
  class Responder;
  class PulledBody;

  // Runs action on the strand; the connection lives until then. Never before it returns: the caller may hold
  // a lock that the action wants.
  template <typename Action>
  void Post(Action action) {
    asio::post(strand_, [self = shared_from_this(), action = std::move(action)]() mutable { action(); });
  }
  // At once, when no other thread is in the strand: for workers, who hold no lock.
  template <typename Action>
  void Run(Action action) {
    asio::dispatch(strand_, [self = shared_from_this(), action = std::move(action)]() mutable { action(); });
  }
  // What an operation of Asio's calls when it is done.
  template <typename Action>
  auto Done(Action action) {
    return asio::bind_executor(
        strand_, [self = shared_from_this(), action = std::move(action)](
                     const error_code& error, size_t size = 0) mutable { action(error, size); });
  }

  // ---- reading ----

  void BeginRequest() {
    if (stopping_ || !socket_.is_open()) return Close();
    parser_ = std::make_unique<RequestParser>(options_.max_header_bytes);
    if (in_.capacity() > 2 * kReadBytes) in_.shrink_to_fit();  // an idle connection holds little
    spare_ = {};
    phase_ = Phase::kIdle;
    idle_since_ = Clock::now();
    handler_done_ = responded_ = response_done_ = discard_body_ = continue_sent_ = upgraded_ = false;
    pace_ = {};
    SetTimer(options_.idle_timeout_ms);
    Pump();
  }

  // Does what can be done with the bytes that are here, and asks for more when that is not enough.
  void Pump() {
    switch (phase_) {
      case Phase::kIdle:
      case Phase::kHead:
        return PumpHead();
      case Phase::kHandling:
        return PumpHandling();
      case Phase::kDraining:
        return PumpDraining();
      case Phase::kLingering:
        in_.clear();
        return Read();
      case Phase::kClosed:
        return;
    }
  }

  absl::Status Feed(std::string& body) {
    absl::StatusOr<size_t> used = parser_->Feed(in_, body);
    if (!used.ok()) return used.status();
    in_.erase(0, *used);
    return absl::OkStatus();
  }

  void PumpHead() {
    std::string no_body;
    if (const absl::Status status = Feed(no_body); !status.ok()) return Refuse(status);
    if (phase_ == Phase::kIdle && parser_->started()) {
      phase_ = Phase::kHead;
      SetTimer(options_.header_timeout_ms);
    }
    if (parser_->head_done()) return Dispatch();
    if (at_eof_) return Close();
    Read();
  }

  void PumpHandling() {
    if (pulling_) return PumpPull();
    if (upgraded_) return PumpWebSocket();
    if (discard_body_) in_.clear();
    if (!BodyMayWait() && in_.size() < options_.max_header_bytes) Read();
  }

  bool BodyMayWait() const { return !parser_->done() && !discard_body_; }  // in the kernel, to be pulled

  // What the client of a WebSocket says. It may close it, and ask whether we are there.
  void PumpWebSocket() {
    std::string reply;
    const bool goes_on = TakeClientFrames(in_, reply);
    if (stream_ == nullptr) return;
    if (!reply.empty()) stream_->TryWrite(std::move(reply));
    if (goes_on) return Read();
    in_.clear();
    stream_->Close();
  }

  void PumpDraining() {
    std::string dropped;
    if (!Feed(dropped).ok()) return Close();
    if (parser_->done()) return BeginRequest();
    if (at_eof_) return Close();
    Read();
  }

  // Waits for so many bytes, which must be on their way, or for the end.
  void Read(size_t least = 1) {
    if (at_eof_ || phase_ == Phase::kClosed) return;
    if (std::exchange(low_water_, least) != least) SetLowWater(socket_.native_handle(), least);
    if (reading_) return;
    reading_ = true;
    socket_.async_wait(tcp::socket::wait_read, Done([this](const error_code& error, size_t) {
                         reading_ = false;
                         if (phase_ == Phase::kClosed) return;
                         if (error) return OnReadEnd(/*half_closed=*/false);
                         TakeReady();
                       }));
  }

  // What the kernel has, to in_; of a body, nothing but what is pulled.
  void TakeReady() {
    if (pulling_ && !parser_->head().chunked) return PumpPull();
    if (phase_ == Phase::kHandling && !pulling_ && BodyMayWait()) return;
    const ssize_t size =
        ReadReady(socket_.native_handle(), pulling_ ? kPullBytes : kReadBytes, in_.size(), in_);
    if (size < 0 && errno == EAGAIN) return Read();
    if (size <= 0) return OnReadEnd(/*half_closed=*/size == 0);
    Pump();
  }

  void OnReadEnd(bool half_closed) {
    at_eof_ = true;
    if (phase_ != Phase::kHandling || !half_closed || stream_ != nullptr) return Close();
    gone_ = true;
    if (pulling_) EndPull(ClientGone());
  }

  // ---- handling ----

  void Dispatch();
  void Handle(HttpRequest& request);  // on a worker

  // The server's own answer to a request that reaches no handler.
  void Refuse(const absl::Status& error);

  // A worker waits for body bytes (PulledBody::Read). The next piece may go where the last one was: memory
  // that is there already, in size as well as in capacity.
  void BeginPull(std::string spare) {
    spare_ = std::move(spare);
    if (phase_ != Phase::kHandling) return gate_.Give({}, ClientGone());
    if (responded_)
      return gate_.Give({}, absl::FailedPreconditionError("the request is answered; its body is gone"));
    if (parser_->done()) return gate_.Give({}, false);
    pulling_ = true;
    pace_.BeginWait();
    SendContinue();
    PumpPull();
  }

  // A timer costs as much as reading what it is for: it is set when there is nothing to read.
  void AwaitBody(size_t least) {
    if (!std::exchange(body_timed_, true))
      SetTimer(pace_.LeftMs(options_.body_timeout_ms, options_.min_body_bytes_per_s));
    Read(least);
  }

  // The client waits for this before it sends the body. The socket has room: nothing else was written since
  // the last answer was taken; if not, the client sends after its own short wait (RFC 9110 §10.1.1).
  void SendContinue() {
    if (!parser_->head().expects_continue || std::exchange(continue_sent_, true)) return;
    error_code ignored;
    if (in_.empty()) socket_.write_some(asio::buffer(kContinue), ignored);
  }

  void PumpPull() {
    std::string body;
    if (const absl::Status status = Feed(body); !status.ok()) return EndPull(status);
    pace_.Took(body.size());
    const bool more = !body.empty();
    if (more || parser_->done()) return EndPull(more, std::move(body));
    if (at_eof_) return EndPull(ClientGone());
    parser_->head().chunked ? AwaitBody(1) : PullPlain();
  }

  // What the kernel has of a body that needs no parsing goes straight to who pulls: it is most of what a
  // server of logs reads, and each copy of it costs as much as looking a line's fields up.
  void PullPlain() {
    const size_t most = std::min<uint64_t>(kPullBytes, parser_->body_bytes_left());
    const ssize_t size = ReadReady(socket_.native_handle(), most, 0, spare_);
    if (size < 0 && errno == EAGAIN) return AwaitBody(pace_.Least(most));
    if (size <= 0) return OnReadEnd(/*half_closed=*/size == 0);
    parser_->PassBody(static_cast<size_t>(size));
    pace_.Took(static_cast<size_t>(size));
    EndPull(true, std::move(spare_));
  }

  void EndPull(absl::StatusOr<bool> result, std::string body = {}) {
    pulling_ = false;
    pace_.EndWait();
    if (std::exchange(body_timed_, false)) ClearTimer();
    gate_.Give(std::move(body), std::move(result));
    Pump();
  }

  // ---- answering ----

  void Respond(int status, Headers headers, std::string body);
  void RespondStream(int status, const Headers& headers, std::shared_ptr<StreamChannel> stream);
  std::string BeginResponse(int status, const Headers& headers, ResponseFraming framing);
  void PumpStream();

  // Sends head_ and body_, then calls next. The client may take as long as it likes, as long as it takes
  // something.
  template <typename Next>
  void Write(Next next) {
    writing_ = true;
    const std::array<asio::const_buffer, 2> buffers = {asio::buffer(out_head_), asio::buffer(out_body_)};
    const auto progress = [this](const error_code& error, size_t) -> size_t {
      if (error || phase_ == Phase::kClosed) return 0;
      SetTimer(options_.write_timeout_ms);
      return 64 << 10;
    };
    asio::async_write(socket_, buffers, progress,
                      Done([this, next = std::move(next)](const error_code& error, size_t) mutable {
                        writing_ = false;
                        if (phase_ == Phase::kClosed) return;
                        if (error) return Close();
                        ClearTimer();
                        next();
                      }));
  }

  void EndResponse() {
    stream_.reset();
    response_done_ = true;
    FinishIfDone();
  }

  void FinishIfDone() {
    if (!handler_done_ || !response_done_ || phase_ != Phase::kHandling) return;
    out_head_.clear();
    out_body_ = {};
    if (!keep_alive_) return EndConnection();
    if (parser_->done()) return BeginRequest();
    phase_ = Phase::kDraining;
    SetTimer(options_.header_timeout_ms);
    Pump();
  }

  // Closing a socket with unread bytes resets it, and the answer could be lost on its way: first say that
  // nothing more comes, and let the client finish.
  void EndConnection() {
    if (at_eof_ || (parser_->done() && in_.empty())) return Close();
    phase_ = Phase::kLingering;
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    SetTimer(kLingerMs);
    Pump();
  }

  void Close() {
    if (phase_ == Phase::kClosed) return;
    phase_ = Phase::kClosed;
    gone_ = true;
    ClearTimer();
    error_code ignored;
    socket_.close(ignored);
    if (stream_ != nullptr) std::exchange(stream_, nullptr)->Shut();
    if (pulling_) EndPull(ClientGone());
    services_.on_closed(*this);
  }

  // ---- time ----

  void SetTimer(int64_t timeout_ms) {
    timer_.expires_after(std::chrono::milliseconds(timeout_ms));
    timer_.async_wait(Done([this, number = ++timer_number_](const error_code& error, size_t) {
      if (!error && number == timer_number_) OnTimeout();
    }));
  }
  void ClearTimer() {
    ++timer_number_;  // for a wait that has ended, but was not told yet
    timer_.cancel();
  }

  void OnTimeout() {
    if (phase_ == Phase::kHead) {
      return Refuse(
          WithHttpStatus(absl::DeadlineExceededError("the request line and header came too slowly"), 408));
    }
    if (phase_ == Phase::kHandling && pulling_) {
      body_timed_ = false;
      if (pace_.SlowsDown()) return PumpPull();  // what came is less than was waited for
      return EndPull(WithHttpStatus(absl::DeadlineExceededError("the body came too slowly"), 408));
    }
    Close();
  }

  const Services& services_;
  const ServerOptions& options_;
  asio::strand<HereExecutor<asio::io_context>> strand_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  uint64_t timer_number_ = 0;
  tcp::endpoint remote_;

  Phase phase_ = Phase::kIdle;
  Clock::time_point idle_since_;
  std::unique_ptr<RequestParser> parser_;
  std::string in_;        // read, not yet consumed
  bool reading_ = false;  // waits for something to read
  size_t low_water_ = 1;  // bytes of that for which the kernel wakes us
  bool at_eof_ = false;
  bool stopping_ = false;
  std::atomic<bool> gone_ = false;  // read by handlers

  // Of the request under way:
  bool keep_alive_ = false;
  bool handler_done_ = false;
  bool responded_ = false;      // the answer has begun
  bool response_done_ = false;  // the answer is with the kernel
  bool discard_body_ = false;   // nobody will read the rest of the body
  bool continue_sent_ = false;
  bool pulling_ = false;     // a worker waits at gate_
  bool body_timed_ = false;  // its wait has the timer
  std::string spare_;        // what it is done with
  BodyPace pace_;
  PullGate gate_;

  std::string out_head_;
  std::string out_body_;
  bool writing_ = false;
  bool chunked_ = false;
  bool upgraded_ = false;  // to a WebSocket: the stream is its frames
  bool last_taken_ = false;
  bool aborted_ = false;  // the stream ended without completing its answer
  std::shared_ptr<StreamChannel> stream_;
};

// The body as it arrives, pulled by the worker that runs the handler.
class ConnectionImpl::PulledBody final : public BodySource {
 public:
  explicit PulledBody(std::shared_ptr<ConnectionImpl> connection) : connection_(std::move(connection)) {}

  absl::StatusOr<bool> Read(std::string& chunk) override {
    connection_->Run([connection = connection_.get(), spare = std::move(chunk)]() mutable {
      connection->BeginPull(std::move(spare));
    });
    return connection_->gate_.Wait(chunk);
  }

 private:
  const std::shared_ptr<ConnectionImpl> connection_;
};

// Lives on the worker's stack; what it sends goes to the strand.
class ConnectionImpl::Responder final : public HttpResponder {
 public:
  explicit Responder(std::shared_ptr<ConnectionImpl> connection) : connection_(std::move(connection)) {}

  void Send(int status, Headers headers, std::string body) override {
    assert(!sent_);
    sent_ = true;
    connection_->Run([connection = connection_.get(), status, headers = std::move(headers),
                      body = std::move(body)]() mutable {
      connection->Respond(status, std::move(headers), std::move(body));
    });
  }

  std::shared_ptr<HttpStream> BeginStream(int status, Headers headers) override {
    assert(!sent_);
    sent_ = true;
    auto wake = [weak = std::weak_ptr(connection_)] {
      if (const auto connection = weak.lock())
        connection->Post([raw = connection.get()] { raw->PumpStream(); });
    };
    auto stream = std::make_shared<StreamChannel>(connection_->options_.stream_buffer_bytes, std::move(wake));
    connection_->Run([connection = connection_.get(), status, headers = std::move(headers),
                      stream]() mutable { connection->RespondStream(status, headers, std::move(stream)); });
    return stream;
  }

  bool sent() const override { return sent_; }
  bool client_gone() const override { return connection_->gone_; }

 private:
  const std::shared_ptr<ConnectionImpl> connection_;
  bool sent_ = false;
};

void ConnectionImpl::Dispatch() {
  const RequestHead& head = parser_->head();
  absl::StatusOr<std::shared_ptr<HttpRequest>> made = NewRequest(head);
  if (!made.ok()) return Refuse(made.status());
  const std::shared_ptr<HttpRequest> request = *std::move(made);
  phase_ = Phase::kHandling;
  ClearTimer();
  keep_alive_ = head.keep_alive;
  request->remote_address = remote_.address().to_string();
  request->remote_port = remote_.port();
  request->SetBodyLimit(options_.max_body_bytes);
  if (head.has_body()) {
    request->SetBodySource(MakeDecodedBody(head.headers.Get("Content-Encoding"),
                                           std::make_unique<PulledBody>(shared_from_this())));
  }
  const Lane lane = options_.lane_of ? options_.lane_of(*request) : Lane();
  const auto handle = [self = shared_from_this(), request, queued = Clock::now()] {
    request->waited_ns = std::chrono::nanoseconds(Clock::now() - queued).count();
    self->Handle(*request);
  };
  if (services_.workers.TryRun(handle, lane)) return Pump();
  if (lane.name.empty())
    return Refuse(absl::UnavailableError("the server has as many requests waiting as it can hold"));
  handler_done_ = true;
  HttpAnswer answer = options_.lane_is_full(*request);
  Respond(answer.status, std::move(answer.headers), std::move(answer.body));
}

void ConnectionImpl::Handle(HttpRequest& request) {
  Responder responder(shared_from_this());
  services_.handler(request, responder);
  if (!responder.sent()) responder.SendProblem(500, "the request was handled, but not answered");
  Run([this] {
    handler_done_ = true;
    FinishIfDone();
  });
}

void ConnectionImpl::Refuse(const absl::Status& error) {
  phase_ = Phase::kHandling;
  handler_done_ = true;
  const int status = HttpStatusOf(error);
  if (status != 503) keep_alive_ = false;  // after a malformed request nobody knows where the next one begins
  Headers headers = {{"Content-Type", std::string(kProblemContentType)}};
  if (status == 503) headers.Add("Retry-After", "1");  // the queue is some 30 ms of work
  const std::string detail(error.message().data(), error.message().size());
  Respond(status, std::move(headers), ProblemDocument(status, ReasonPhrase(status), detail));
}

// Decides what becomes of the connection, and gives the head of the answer.
std::string ConnectionImpl::BeginResponse(int status, const Headers& headers, ResponseFraming framing) {
  responded_ = true;
  if (!parser_->done()) {
    const bool client_waits = parser_->head_done() && parser_->head().expects_continue && !continue_sent_;
    if (client_waits || parser_->body_bytes_left() > kMaxDrainBytes) keep_alive_ = false;
  }
  if (stopping_ || headers.HasToken("Connection", "close")) keep_alive_ = false;
  framing.close = !keep_alive_ && !framing.upgrade;
  framing.keep_alive = keep_alive_ && parser_->head().http_1_0;
  framing.unix_seconds = base::Env::Posix().NowNs() / 1'000'000'000;
  return ResponseHead(status, headers, framing);
}

void ConnectionImpl::Respond(int status, Headers headers, std::string body) {
  if (phase_ != Phase::kHandling) return;  // closed meanwhile
  const bool bodyless = status == 204 || status == 304;
  ResponseFraming framing;
  if (!bodyless) framing.content_length = body.size();
  out_head_ = BeginResponse(status, headers, framing);
  const bool head_only = parser_->head_done() && parser_->head().method == "HEAD";
  out_body_ = bodyless || head_only ? std::string() : std::move(body);
  Write([this] { EndResponse(); });
}

void ConnectionImpl::RespondStream(int status, const Headers& headers,
                                   std::shared_ptr<StreamChannel> stream) {
  if (phase_ != Phase::kHandling || at_eof_) {
    stream->Shut();
    return Close();
  }
  const bool head_only = parser_->head().method == "HEAD";
  upgraded_ = status == 101;
  chunked_ = !parser_->head().http_1_0 && !upgraded_;
  discard_body_ = !parser_->done();
  keep_alive_ = keep_alive_ && chunked_ && !discard_body_;  // without chunks the answer ends with it
  last_taken_ = aborted_ = false;
  out_head_ = BeginResponse(status, headers, {.chunked = chunked_, .upgrade = upgraded_});
  out_body_.clear();
  if (head_only) {
    stream->Shut();
    Write([this] { EndResponse(); });
  } else {
    stream_ = std::move(stream);
    if (stopping_) stream_->Close();
    Write([this] { PumpStream(); });
  }
  Pump();  // begins to watch for the client's leaving
}

void ConnectionImpl::PumpStream() {
  if (stream_ == nullptr || writing_) return;
  if (last_taken_) return aborted_ ? Close() : EndResponse();
  StreamChannel::Taken taken = stream_->Take();
  if (taken.data.empty() && !taken.last) return;
  const size_t size = taken.data.size();
  last_taken_ = taken.last;
  aborted_ = taken.aborted;
  out_head_.clear();
  out_body_ = std::move(taken.data);
  if (chunked_) AsChunk(last_taken_ && !aborted_, out_head_, out_body_);
  Write([this, size] {
    stream_->Sent(size);
    PumpStream();
  });
}

}  // namespace

std::shared_ptr<Connection> Connection::Create(asio::io_context& io, int socket, const Services& services) {
  return std::make_shared<ConnectionImpl>(io, socket, services);
}

}  // namespace taffrail::net
