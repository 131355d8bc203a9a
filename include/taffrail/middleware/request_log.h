// What every HTTP server does around a request, whatever framework it is built with: the ids and the context
// for all lines written meanwhile, the performance event and the audit event when it is over. The adapters
// beside this header are thin layers over it; a server without one calls it by itself:
//
//   const taffrail::middleware::HttpMiddleware middleware({.trusted_proxies = {"10.0.0.0/8"}});
//   ...
//   const auto request = middleware.begin({.method = "POST", .target = target, .peer = peer,
//                                          .headers = headers});
//   {
//     const taffrail::middleware::Inside inside(request);    // lines carry the request's ids
//     request->set_user(user.id);                            // and its user
//     handle();
//   }
//   for (const auto& [name, value] : request->response_headers()) response.set(name, value);
//   request->add_response_bytes(response.body.size());
//   request->finish(response.status);                        // on any thread, when the last byte is out
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "taffrail/context.h"
#include "taffrail/events/request_stats.h"
#include "taffrail/middleware/options.h"
#include "taffrail/propagate/headers.h"
#include "taffrail/span.h"

namespace taffrail::middleware {

class RequestLog;
class Rules;  // Options made ready

// What is known when a request begins. Borrowed until begin() returns.
struct RequestHead {
  std::string_view method;
  std::string_view target;  // as sent; its query is never logged, it may hold secrets
  std::string_view peer;    // the other end of the connection, with or without a port
  std::span<const Header> headers;
  std::chrono::steady_clock::time_point received_at = std::chrono::steady_clock::now();
};

// One a server, made before it starts. Cheap to copy; thread-safe.
class HttpMiddleware {
 public:
  // Throws std::invalid_argument for a trusted proxy that is no network and for a rate that is no share.
  explicit HttpMiddleware(const Options& options = {});

  // Never null. Does not touch this thread's context, nor take anything from it: what an earlier request on
  // this connection or thread left behind is not this one's.
  std::shared_ptr<RequestLog> begin(const RequestHead& head) const;

 private:
  std::shared_ptr<const Rules> rules_;
};

// One request, from begin() until finish() or abort(), whichever comes first; later ones do nothing. When
// neither came, the destructor says that it was aborted. Thread-safe; no call throws.
class RequestLog {
 public:
  ~RequestLog();
  RequestLog(const RequestLog&) = delete;
  RequestLog& operator=(const RequestLog&) = delete;

  const std::string& request_id() const noexcept { return incoming_.request.id; }
  const std::string& client_address() const noexcept { return client_address_; }  // behind trusted proxies
  HeaderList response_headers() const { return taffrail::response_headers(incoming_.request); }

  // The template that matched: /api/v1/tasks/{id}.
  void set_route(std::string_view route) noexcept;
  // Who asks, when that is found out. Lines from here on carry it: on this thread if it is inside the request
  // with no scope opened since, and wherever the request is entered again.
  void set_user(std::string_view id) noexcept { set_who("user_id", id); }
  void set_organization(std::string_view id) noexcept { set_who("organization_id", id); }
  void set_session(std::string_view id) noexcept { set_who("session_id", id); }
  // What the request is about, for the audit: "task", "tsk_17".
  void set_resource(std::string_view type, std::string_view id) noexcept;

  void add_request_bytes(uint64_t bytes) noexcept { request_bytes_ += bytes; }    // of the bodies, as they
  void add_response_bytes(uint64_t bytes) noexcept { response_bytes_ += bytes; }  // come and go

  // The exception that left the handler: logged, and the status is 500 unless it is another error's. The
  // second form: the one that is being handled, of any type.
  void fail(const std::exception& exception) noexcept;
  void fail() noexcept;

  // The status is decided; the body may still be on its way.
  void set_status(int status) noexcept { status_ = status; }
  void finish() noexcept;
  void finish(int status) noexcept {
    set_status(status);
    finish();
  }
  // The client is gone before it had all.
  void abort() noexcept;

  // Of all work for this request, wherever it is done: see Inside, taffrail::Attach, taffrail::wrap.
  Context context() const noexcept;
  // The innermost one that this thread is inside of; null when there is none.
  static RequestLog* current() noexcept;

 private:
  friend class HttpMiddleware;
  friend class Inside;
  struct Private {};  // only begin() makes one

 public:
  RequestLog(Private, std::shared_ptr<const Rules> rules, const RequestHead& head);

 private:
  void set_who(const char* key, std::string_view value) noexcept;
  void end(bool aborted) noexcept;
  void write_events(int status, bool aborted);
  void begin_span();
  void end_span(int status, bool aborted);
  int final_status(bool aborted) const;
  void note_hostile_id() const;
  bool wants_performance(int status, bool aborted, std::chrono::nanoseconds duration) const;
  bool wants_audit() const;

  const std::shared_ptr<const Rules> rules_;
  const std::chrono::steady_clock::time_point received_at_;
  const Incoming incoming_;
  const std::string client_address_;
  const std::string method_;
  const std::string path_;
  const std::string user_agent_;
  const bool ignored_;
  const events::RequestStats stats_;

  std::atomic<uint64_t> request_bytes_{0};
  std::atomic<uint64_t> response_bytes_{0};
  std::atomic<int> status_{0};  // zero: not decided
  std::atomic<bool> failed_{false};
  std::atomic<bool> ended_{false};
  std::unique_ptr<Span> span_;  // begin()'s, then that of whoever set ended_

  mutable std::mutex mutex_;  // guards what stands below
  Context context_;
  std::string route_;
  std::string resource_type_;
  std::string resource_id_;
};

// Puts this thread inside the request until it is destroyed, on the same thread: its context in place of the
// thread's own, and RequestLog::current(). Keeps the request alive.
class Inside {
 public:
  explicit Inside(std::shared_ptr<RequestLog> request) noexcept;
  ~Inside();
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  const std::shared_ptr<RequestLog>& request() const noexcept { return request_; }
  // Whether this thread opened scopes since that are still there: they must end before this does.
  bool has_scopes() const noexcept { return !(capture() == attached_); }

 private:
  friend class RequestLog;
  void attach(Context context) noexcept;

  std::shared_ptr<RequestLog> request_;
  std::optional<Attach> attach_;
  Context attached_;
  Inside* outer_;
};

}  // namespace taffrail::middleware
