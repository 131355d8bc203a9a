#include "taffrail/middleware/request_log.h"

#include <stdexcept>

#include "context/header_text.h"
#include "events/cut_text.h"
#include "middleware/rules.h"
#include "taffrail/events/http.h"
#include "taffrail/features.h"
#include "taffrail/log.h"
#include "taffrail/trace.h"

namespace taffrail::middleware {
namespace {

// The methods in use have at most 17 letters; what is longer is an attack, and its beginning says so.
constexpr size_t kMethodBytesMax = 32;
// Browsers and proxies take about 8000 bytes of address; more than this nobody reads in a line.
constexpr size_t kPathBytesMax = 2048;
// Names of people and things, and templates of routes, chosen by programs.
constexpr size_t kNameBytesMax = 256;

// What nginx logs for a client that went away before it was answered.
constexpr int kClientClosedRequest = 499;

thread_local Inside* innermost = nullptr;

const Logger& ErrorLog() {
  static const Logger log("http.server");
  return log;
}
const Logger& AuditLog() {
  static const Logger log("audit.http");
  return log;
}
const Logger& SecurityLog() {
  static const Logger log("security");
  return log;
}

std::string_view PathOf(std::string_view target) {
  return events::CutText(target.substr(0, target.find_first_of("?#")), kPathBytesMax);
}

std::string_view UserAgentOf(std::span<const Header> headers) {
  for (const Header& header : headers) {
    if (context::SameName(header.name, "User-Agent"))
      return events::CutText(header.value, events::kUserAgentBytesMax);
  }
  return {};
}

bool HasNoBody(std::string_view method, int status) {
  return method == "HEAD" || status < 200 || status == 204 || status == 304;
}

// This thread's context put aside, and back in its place even when something opened meanwhile stays open: the
// span, which ends with the request.
class Aside {
 public:
  Aside() noexcept : frame_(detail::swap_frame(nullptr)), trace_(detail::swap_trace(nullptr)) {}
  ~Aside() {
    detail::swap_frame(frame_);
    detail::swap_trace(trace_);
  }
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

 private:
  detail::Frame* frame_;
  detail::Trace* trace_;
};

// No memory for a string: the request goes on without it.
template <typename Function>
void Quietly(const Function& function) noexcept {
  try {
    function();
  } catch (...) {
  }
}

std::string_view OutcomeOf(bool aborted, int status) {
  if (aborted) return "aborted";
  if (status == 401 || status == 403) return "denied";
  return status >= 400 ? "failure" : "success";
}

}  // namespace

HttpMiddleware::HttpMiddleware(const Options& options) {
  absl::StatusOr<Rules> rules = Rules::Make(options);
  if (!rules.ok()) throw std::invalid_argument(std::string(rules.status().message()));
  rules_ = std::make_shared<const Rules>(*std::move(rules));
}

std::shared_ptr<RequestLog> HttpMiddleware::begin(const RequestHead& head) const {
  const Aside aside;
  auto request = std::make_shared<RequestLog>(RequestLog::Private(), rules_, head);
  const events::RequestStatsScope counted(request->stats_);
  const Scope ids({{"request_id", request->request_id()}});
  std::optional<TraceScope> passed_on;
  if (features().tracing && !request->ignored_) {
    request->begin_span();
  } else {
    passed_on.emplace(request->incoming_.trace);
  }
  request->context_ = capture();
  if (!request->incoming_.request.rejected.empty()) request->note_hostile_id();
  return request;
}

RequestLog::RequestLog(Private /*only begin() has one*/, std::shared_ptr<const Rules> rules,
                       const RequestHead& head)
    : rules_(std::move(rules)),
      received_at_(head.received_at),
      incoming_(extract(head.headers, rules_->id_style())),
      client_address_(rules_->client_address().Find(head.peer, head.headers)),
      method_(head.method.substr(0, kMethodBytesMax)),
      path_(PathOf(head.target)),
      user_agent_(UserAgentOf(head.headers)),
      ignored_(rules_->Ignores(path_)) {}

RequestLog::~RequestLog() { end(true); }

void RequestLog::note_hostile_id() const {
  // The line needs a reference of this thread's to its frame: the span's may be given back on another.
  const Attach attach(context_);
  SecurityLog().warning("Hostile request id replaced", kv("rejected", incoming_.request.rejected),
                        kv("ip_address", client_address_));
}

// Names of attributes are OpenTelemetry's. A span's name has few values: a path would be a name of its own.
void RequestLog::begin_span() {
  span_ = std::make_unique<Span>(
      method_, SpanKind::kServer, incoming_.trace,
      std::initializer_list<Field>{
          {"http.request.method", method_}, {"url.path", path_}, {"client.address", client_address_}});
}

void RequestLog::end_span(int status, bool aborted) {
  if (span_ == nullptr) return;
  span_->set({{"http.response.status_code", status}});
  {
    const std::scoped_lock lock(mutex_);
    if (!route_.empty()) span_->set({{"http.route", route_}});
  }
  if (aborted || status >= 500) span_->fail(OutcomeOf(aborted, status));
  // begin() opened its scope, maybe on another thread, and what stood below it then is gone: so it must not
  // be on top of this thread's when it ends.
  const Attach attach(context());
  const Scope on_top({});
  detail::Trace* trace = detail::swap_trace(nullptr);
  span_.reset();
  detail::swap_trace(trace);
}

void RequestLog::set_route(std::string_view route) noexcept {
  Quietly([&] {
    const std::scoped_lock lock(mutex_);
    route_ = events::CutText(route, kNameBytesMax);
  });
}

void RequestLog::set_resource(std::string_view type, std::string_view id) noexcept {
  Quietly([&] {
    const std::scoped_lock lock(mutex_);
    resource_type_ = events::CutText(type, kNameBytesMax);
    resource_id_ = events::CutText(id, kNameBytesMax);
  });
}

void RequestLog::set_who(const char* key, std::string_view value) noexcept {
  Context changed;
  {
    const std::scoped_lock lock(mutex_);
    const Attach attach(context_);
    const Scope who({{std::string_view(key), events::CutText(value, kNameBytesMax)}});
    context_ = changed = capture();
  }
  // A scope that the handler opened since could not be put on top of the new context; inside it the old one
  // stays.
  Inside* inside = innermost;
  if (inside != nullptr && inside->request_.get() == this && !inside->has_scopes())
    inside->attach(std::move(changed));
}

void RequestLog::fail(const std::exception& exception) noexcept {
  const Attach attach(context());
  failed_ = true;
  ErrorLog().error("Unhandled exception", error(exception), kv("method", method_), kv("path", path_));
}

void RequestLog::fail() noexcept {
  const Attach attach(context());
  failed_ = true;
  ErrorLog().error("Unhandled exception", error(), kv("method", method_), kv("path", path_));
}

void RequestLog::finish() noexcept { end(false); }
void RequestLog::abort() noexcept { end(true); }

Context RequestLog::context() const noexcept {
  const std::scoped_lock lock(mutex_);
  return context_;
}

RequestLog* RequestLog::current() noexcept {
  return innermost == nullptr ? nullptr : innermost->request_.get();
}

void RequestLog::end(bool aborted) noexcept {
  if (ended_.exchange(true) || ignored_) return;
  const int status = final_status(aborted);
  Quietly([&] { write_events(status, aborted); });
  Quietly([&] { end_span(status, aborted); });
}

bool RequestLog::wants_performance(int status, bool aborted, std::chrono::nanoseconds duration) const {
  // Metrics and slow_requests_only are http_request()'s to ask for.
  return aborted || status >= 400 ||
         duration >= std::chrono::milliseconds(features().slow_request_threshold_ms) ||
         rules_->Samples(request_id());
}

bool RequestLog::wants_audit() const {
  const Features wanted = features();
  return wanted.audit && (wanted.audit_all_requests || rules_->ChangesSomething(method_));
}

int RequestLog::final_status(bool aborted) const {
  const int decided = status_;
  // Who threw did not succeed, whatever was decided before; a framework may have made another error of it.
  if (failed_ && decided < 400) return 500;
  if (decided != 0) return decided;
  return aborted ? kClientClosedRequest : 200;
}

void RequestLog::write_events(int status, bool aborted) {
  const std::chrono::nanoseconds duration = std::chrono::steady_clock::now() - received_at_;
  const Attach attach(context());
  const std::scoped_lock lock(mutex_);
  if (wants_performance(status, aborted, duration)) {
    const events::HttpRequestEvent event{
        .method = method_,
        .path = path_,
        .route = route_,
        .status_code = status,
        .duration = duration,
        .user_agent = user_agent_,
        .ip_address = client_address_,
        .request_size_bytes = request_bytes_,
        .response_size_bytes = HasNoBody(method_, status) ? 0 : response_bytes_.load(),
        .stats = &stats_};
    if (aborted) {
      events::http_request(event, {{"outcome", "aborted"}});
    } else {
      events::http_request(event);
    }
  }
  if (!wants_audit()) return;
  // Who, what, on what, from where, outcome; when is the line's. A reader of audits must not depend on how
  // context is laid out, so who stands here too.
  const std::string user = context_.get("user_id");
  const std::string action = method_ + " " + (route_.empty() ? path_ : route_);
  AuditLog().info("HTTP request audited", kv("event", "http_request_audited"),
                  kv("actor", user.empty() ? std::string_view("anonymous") : user), kv("action", action),
                  kv("resource_type", resource_type_.empty() ? std::string_view("path") : resource_type_),
                  kv("resource_id", resource_type_.empty() ? path_ : resource_id_),
                  kv("ip_address", client_address_), kv("user_agent", user_agent_),
                  kv("outcome", OutcomeOf(aborted, status)), kv("status_code", status),
                  kv("security_level", "audit"));
}

Inside::Inside(std::shared_ptr<RequestLog> request) noexcept
    : request_(std::move(request)), outer_(innermost) {
  attach(request_->context());
  innermost = this;
}

Inside::~Inside() {
  attach_.reset();
  innermost = outer_;
}

void Inside::attach(Context context) noexcept {
  attach_.reset();  // first: each remembers what was there before it
  attached_ = std::move(context);
  attach_.emplace(attached_);
}

}  // namespace taffrail::middleware
