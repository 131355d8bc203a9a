// The code of docs/context.md.
#include <utility>  // which Boost 1.74's awaitable.hpp needs and does not include

#include <spawn.h>

#include <boost/asio.hpp>
#include <boost/beast/http/string_body.hpp>
#include <coroutine>
#include <iostream>
#include <thread>

#include "taffrail/asio.h"
#include "taffrail/coroutine.h"
#include "taffrail/log_scope.h"
#include "taffrail/otel_context.h"
#include "taffrail/propagate/beast.h"
#include "taffrail/propagate/curl.h"
#include "taffrail/propagate/job.h"
#include "taffrail/propagate/process.h"
#include "taffrail/propagate/sql.h"
#include "taffrail/span_log.h"

extern char** environ;

namespace taffrail::samples {

const Logger log("tasks");

void Threads(const std::string& user) {
  // [threads]
  const taffrail::Scope scope({{"user_id", user}, {"session_id", "s-17"}});
  log.info("Task created");                                               // user_id and session_id on it
  std::jthread worker(taffrail::wrap([] { log.info("Task indexed"); }));  // and on it

  const taffrail::Context context = taffrail::capture();
  std::jthread other([context] {
    const taffrail::Attach attach(context);  // until the end of the block
    log.info("Task announced");
  });
  // [/threads]
}

void Incoming(const std::vector<taffrail::Header>& headers) {
  // [incoming]
  const taffrail::Incoming incoming = taffrail::extract(headers);
  const taffrail::IdScope ids(incoming.request.id);
  const taffrail::Span span("POST /tasks", taffrail::SpanKind::kServer, incoming.trace);
  if (!incoming.request.rejected.empty())
    log.warning("Request id refused", kv("rejected", incoming.request.rejected));
  for (const auto& [name, value] : taffrail::response_headers(incoming.request))
    std::cout << name << ": " << value << "\r\n";
  // [/incoming]
}

void Spans(bool declined) {
  // [spans]
  taffrail::set_span_exporter(taffrail::log_span_exporter(taffrail::Logger("spans")));

  taffrail::Span span("charge card", {{"provider", "acme"}}, taffrail::SpanKind::kClient);
  span.event("sent", {{"bytes", 512}});
  log.info("Charging");  // trace_id and span_id on it
  if (declined) span.fail("declined");
  // [/spans]
}

void Import(const std::string& path) {
  // [scope]
  taffrail::LogScope scope(log, "import_tasks", {{"file", path}});
  try {
    log.info("reading");
  } catch (const std::exception& e) {
    scope.fail(e);  // the last line has the exception with its causes
    throw;
  }
  // [/scope]
}

// [task]
struct Task {
  struct promise_type : taffrail::ContextPromise {
    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    auto final_suspend() noexcept { return carry(std::suspend_always()); }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};
// [/task]

// [foreign]
template <typename Timer>
Task Poll(Timer& timer) {
  taffrail::CoroutineContext context;  // first, before any scope
  const taffrail::Scope scope({{"poll", "inbox"}});
  co_await context.carry(timer.wait());
  log.info("polled");  // perhaps on another thread, and still poll=inbox
}
// [/foreign]

namespace asio = boost::asio;

void Asio(asio::io_context& io, asio::steady_timer& timer) {
  // [asio]
  const taffrail::Scope scope({{"job", "reminders"}});
  timer.async_wait(taffrail::bind_context([](boost::system::error_code) { log.info("rang"); }));

  auto executor = taffrail::context_executor(io.get_executor());
  asio::post(executor, [] { log.info("posted"); });
  // [/asio]
}

void Http(CURL* easy, boost::beast::http::request<boost::beast::http::string_body>& request) {
  // [http]
  taffrail::CurlHeaders headers;
  headers.add("Content-Type: application/json");
  headers.apply(easy);  // they live as long as the transfer

  taffrail::inject(request);  // Boost.Beast
  // [/http]
}

struct Message {
  std::string payload, context;
};

// [enqueue]
Message Enqueue(std::string payload) {
  return {std::move(payload), taffrail::JobContext::here().to_string()};
}
// [/enqueue]

// [work]
void Work(const Message& message) {
  const taffrail::AttachJob attach(taffrail::JobContext::from_string(message.context), "send_mail");
  log.info("Mail sent");  // the request_id and trace_id of the request that enqueued it
}
// [/work]

pid_t Child(const char* path, char* const* arguments) {
  // [child]
  taffrail::ChildEnvironment environment;
  pid_t child = 0;
  posix_spawn(&child, path, nullptr, nullptr, arguments, environment.envp());
  // [/child]
  return child;
}

// [child-main]
int ChildMain() {
  const taffrail::ProcessContext context;
  log.info("started");  // the parent's ids
  return 0;
}
// [/child-main]

std::string Sql() {
  // [sql]
  const std::string sql = taffrail::with_sql_comment("SELECT title FROM tasks WHERE id = $1;");
  // SELECT title FROM tasks WHERE id = $1 /*request_id='req_8f4e2b1c09ad'*/;
  // [/sql]
  return sql;
}

void Otel() {
  // [otel]
  if (!taffrail::use_opentelemetry()) log.warning("built without opentelemetry-cpp");
  // [/otel]
}

}  // namespace taffrail::samples
