#include "taffrail/middleware/request_log.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "captured_lines.h"
#include "taffrail/events/request_stats.h"
#include "taffrail/trace.h"

namespace taffrail::middleware {
namespace {

const Logger app_log("app");

std::shared_ptr<RequestLog> Begin(const HttpMiddleware& middleware, std::vector<Header> headers = {},
                                  std::string_view method = "GET", std::string_view target = "/tasks/7?x=1") {
  return middleware.begin(
      {.method = method, .target = target, .peer = "203.0.113.5:4711", .headers = headers});
}

class RequestLogTest : public testing::Test {
 protected:
  // The only performance event.
  Line Request() {
    const auto lines = lines_.Requests();
    EXPECT_EQ(lines.size(), 1U);
    return lines.empty() ? Line() : lines.front();
  }

  CapturedLines lines_;
  HttpMiddleware middleware_;
};

TEST_F(RequestLogTest, ARequestFromItsBeginningToItsEnd) {  // REQ E-01, C-01, C-02, C-05
  const auto request = Begin(middleware_, {{"X-Request-ID", "req_1"}, {"User-Agent", std::string(300, 'u')}});
  {
    const Inside inside(request);
    app_log.info("before");
    RequestLog::current()->set_user("usr_1");
    RequestLog::current()->set_organization("org_1");
    RequestLog::current()->set_session("ses_1");
    app_log.info("after");
    request->set_route("/tasks/{id}");
    request->add_request_bytes(10);
    request->add_response_bytes(20);
    request->add_response_bytes(3);
    events::count_database_query(std::chrono::milliseconds(5));
  }
  app_log.info("outside");
  request->finish(200);

  Line line = Request();
  const Line expected = {{"level", "INFO"},
                         {"logger", "performance.http"},
                         {"request_id", "req_1"},
                         {"user_id", "usr_1"},
                         {"session_id", "ses_1"},
                         {"organization_id", "org_1"},
                         {"method", "GET"},
                         {"path", "/tasks/7"},
                         {"route", "/tasks/{id}"},
                         {"status_code", "200"},
                         {"request_size_bytes", "10"},
                         {"response_size_bytes", "23"},
                         {"ip_address", "203.0.113.5"},
                         {"performance_tier", "fast"},
                         {"database_queries", "1"},
                         {"user_agent", std::string(200, 'u')}};
  for (const auto& [key, value] : expected) EXPECT_EQ(line[key], value) << key;
  EXPECT_TRUE(line.contains("duration_ms"));
  EXPECT_TRUE(line.contains("rss_delta_bytes"));
  EXPECT_FALSE(line.contains("outcome"));
  EXPECT_TRUE(lines_.With("event", "http_request_audited").empty());  // it changed nothing

  EXPECT_EQ(lines_.With("message", "before")[0]["request_id"], "req_1");
  EXPECT_FALSE(lines_.With("message", "before")[0].contains("user_id"));
  EXPECT_EQ(lines_.With("message", "after")[0]["user_id"], "usr_1");
  EXPECT_FALSE(lines_.With("message", "outside")[0].contains("request_id"));
  EXPECT_EQ(request->response_headers()[0], (std::pair<std::string, std::string>("X-Request-ID", "req_1")));
}

TEST_F(RequestLogTest, AuditSaysWhoWhatOnWhatFromWhereAndOutcome) {  // REQ C-05
  const auto request = Begin(middleware_, {{"User-Agent", "curl/8"}}, "DELETE");
  request->set_user("usr_1");
  request->set_route("/tasks/{id}");
  request->set_resource("task", "7");
  request->finish(403);
  auto audits = lines_.With("event", "http_request_audited");
  ASSERT_EQ(audits.size(), 1U);
  const Line expected = {{"logger", "audit.http"},
                         {"actor", "usr_1"},
                         {"action", "DELETE /tasks/{id}"},
                         {"resource_type", "task"},
                         {"resource_id", "7"},
                         {"ip_address", "203.0.113.5"},
                         {"user_agent", "curl/8"},
                         {"outcome", "denied"},
                         {"status_code", "403"},
                         {"security_level", "audit"},
                         {"request_id", request->request_id()}};
  for (const auto& [key, value] : expected) EXPECT_EQ(audits[0][key], value) << key;
}

TEST_F(RequestLogTest, AuditNamesThePathAndNobodyWhenThatIsAllThereIs) {
  Begin(middleware_, {}, "POST")->finish(201);
  auto audits = lines_.With("event", "http_request_audited");
  ASSERT_EQ(audits.size(), 1U);
  EXPECT_EQ(audits[0]["actor"], "anonymous");
  EXPECT_EQ(audits[0]["action"], "POST /tasks/7");
  EXPECT_EQ(audits[0]["resource_type"], "path");
  EXPECT_EQ(audits[0]["resource_id"], "/tasks/7");
  EXPECT_EQ(audits[0]["outcome"], "success");
}

TEST_F(RequestLogTest, FeaturesSwitchTheEvents) {  // REQ L-13, C-05
  lines_.Configure({.metrics = false, .audit = false});
  Begin(middleware_, {}, "POST")->finish(200);
  EXPECT_TRUE(lines_.All().empty());
  lines_.Configure({.metrics = false, .audit_all_requests = true});
  Begin(middleware_)->finish(200);
  EXPECT_EQ(lines_.With("event", "http_request_audited").size(), 1U);
  EXPECT_TRUE(lines_.Requests().empty());
  lines_.Configure({.slow_requests_only = true, .slow_request_threshold_ms = 60'000});
  Begin(middleware_)->finish(200);
  EXPECT_TRUE(lines_.Requests().empty());
  Begin(middleware_)->finish(404);
  EXPECT_EQ(lines_.Requests().size(), 1U);
}

TEST_F(RequestLogTest, SlowIsWhatTookLongSinceItWasReceived) {
  const auto before = std::chrono::steady_clock::now() - std::chrono::seconds(6);
  middleware_.begin({.method = "GET", .target = "/", .received_at = before})->finish(200);
  EXPECT_EQ(Request()["performance_tier"], "very_slow");
}

TEST_F(RequestLogTest, IgnoredPathsKeepTheirIdsAndLoseTheirEvents) {
  const HttpMiddleware middleware({.ignored_paths = {"/healthz", "/internal/*"}});
  for (const char* target : {"/healthz", "/healthz?verbose", "/internal/x"}) {
    const auto request = Begin(middleware, {}, "POST", target);
    const Inside inside(request);
    app_log.info("still under its id");
    request->finish(200);
  }
  EXPECT_EQ(lines_.All().size(), 3U);
  for (Line& line : lines_.All()) EXPECT_TRUE(line.contains("request_id"));
  Begin(middleware, {}, "GET", "/healthz2")->finish(200);
  EXPECT_EQ(lines_.Requests().size(), 1U);
}

TEST_F(RequestLogTest, SamplingKeepsFailuresAndGoesByTheId) {
  const HttpMiddleware none({.sample_rate = 0});
  Begin(none)->finish(200);
  EXPECT_TRUE(lines_.Requests().empty());
  Begin(none)->finish(500);
  Begin(none)->abort();
  EXPECT_EQ(lines_.Requests().size(), 2U);
  lines_.Clear();
  const HttpMiddleware half({.sample_rate = 0.5});
  constexpr int kRequests = 1000;
  for (int i = 0; i < kRequests; ++i) {
    const std::string id = "req_" + std::to_string(i);
    Begin(half, {{"X-Request-ID", id}})->finish(200);
    Begin(half, {{"X-Request-ID", id}})->finish(200);  // the other service of the trail
  }
  std::map<std::string, int> seen;
  for (Line& line : lines_.Requests()) ++seen[line["request_id"]];
  EXPECT_NEAR(static_cast<double>(seen.size()), kRequests / 2.0, kRequests / 10.0);
  for (const auto& [id, times] : seen) EXPECT_EQ(times, 2) << id;
}

TEST_F(RequestLogTest, OptionsThatMakeNoSenseAreRefused) {
  EXPECT_THROW(HttpMiddleware({.trusted_proxies = {"10.0.0.0/33"}}), std::invalid_argument);
  EXPECT_THROW(HttpMiddleware({.sample_rate = 1.1}), std::invalid_argument);
}

TEST_F(RequestLogTest, ExceptionsAreLoggedOnceAndAre500) {
  const auto request = Begin(middleware_);
  try {
    throw std::runtime_error("no disk");
  } catch (const std::exception& exception) {
    request->fail(exception);
  }
  request->finish(200);  // what the framework believes
  EXPECT_EQ(Request()["status_code"], "500");
  EXPECT_EQ(Request()["level"], "ERROR");
  auto errors = lines_.With("message", "Unhandled exception");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0]["exception.type"], "std::runtime_error");
  EXPECT_EQ(errors[0]["request_id"], request->request_id());
}

TEST_F(RequestLogTest, AnExceptionOfAnyType) {
  const auto request = Begin(middleware_);
  try {
    throw 42;
  } catch (...) {
    request->fail();
  }
  request->finish();
  auto errors = lines_.With("message", "Unhandled exception");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0]["exception.type"], "int");
  EXPECT_EQ(Request()["status_code"], "500");
}

TEST_F(RequestLogTest, EndsOnce) {
  const auto request = Begin(middleware_, {}, "POST");
  request->finish(200);
  request->finish(500);
  request->abort();
  EXPECT_EQ(Request()["status_code"], "200");
  EXPECT_EQ(lines_.With("event", "http_request_audited").size(), 1U);
}

TEST_F(RequestLogTest, NeverFinishedIsAborted) {
  Begin(middleware_).reset();
  EXPECT_EQ(Request()["outcome"], "aborted");
  EXPECT_EQ(Request()["status_code"], "499");
}

TEST_F(RequestLogTest, AbortedWhileTheBodyWasOnItsWay) {
  const auto request = Begin(middleware_);
  request->set_status(200);
  request->add_response_bytes(65536);
  request->abort();
  Line line = Request();
  EXPECT_EQ(line["outcome"], "aborted");
  EXPECT_EQ(line["status_code"], "200");
  EXPECT_EQ(line["response_size_bytes"], "65536");
}

TEST_F(RequestLogTest, AnswersWithoutABodyHaveNoBytes) {
  for (const auto& [method, status] :
       std::vector<std::pair<const char*, int>>{{"HEAD", 200}, {"GET", 204}, {"GET", 304}}) {
    lines_.Clear();
    const auto request = Begin(middleware_, {}, method);
    request->add_response_bytes(100);  // the body that the framework does not send
    request->finish(status);
    EXPECT_EQ(Request()["response_size_bytes"], "0") << method << status;
  }
}

TEST_F(RequestLogTest, HostileIdsAreReplacedAndNoted) {  // REQ C-01
  const std::string long_id(1 << 20, 'A');
  for (const std::string& hostile : {std::string("x\r\nSet-Cookie: a=b"), long_id, std::string("\xff\x00", 2),
                                     std::string("a\",\"level\":\"CRITICAL")}) {
    lines_.Clear();
    const auto request = Begin(middleware_, {{"X-Request-ID", hostile}});
    EXPECT_EQ(request->request_id().rfind("req_", 0), 0U);
    for (const auto& [name, value] : request->response_headers()) EXPECT_EQ(value, request->request_id());
    auto noted = lines_.With("message", "Hostile request id replaced");
    ASSERT_EQ(noted.size(), 1U);
    EXPECT_EQ(noted[0]["request_id"], request->request_id());
    EXPECT_EQ(noted[0]["logger"], "security");
    EXPECT_LE(noted[0]["rejected"].size(), 3 * 128U);  // each bad byte may have become U+FFFD
    request->finish(200);
  }
}

TEST_F(RequestLogTest, HeadersOfAMebibyteAndInvalidText) {
  const std::string large(1 << 20, 'x');
  const auto request = Begin(middleware_,
                             {{"User-Agent", "a\xff\xfe\x01"},
                              {"traceparent", large},
                              {"baggage", large},
                              {"X-Forwarded-For", large},
                              {"User-Agent", "second"}},
                             large, "/caf\xe9/" + large);
  request->set_route(large);
  request->set_user(large);
  request->finish(200);
  Line line = Request();
  EXPECT_EQ(line["method"].size(), 32U);
  EXPECT_LE(line["path"].size(), 2048U + 2);
  EXPECT_EQ(line["path"].rfind("/caf\xef\xbf\xbd/", 0), 0U);
  EXPECT_EQ(line["user_id"].size(), 256U);
  EXPECT_EQ(line["route"].size(), 256U);
  EXPECT_EQ(line["user_agent"].rfind("a\xef\xbf\xbd", 0), 0U);
}

TEST_F(RequestLogTest, TheTraceOfTheCallerGoesOn) {  // REQ C-03
  const auto request =
      Begin(middleware_, {{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}});
  EXPECT_EQ(request->request_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
  {
    const Inside inside(request);
    const TraceContext trace = current_trace();
    EXPECT_EQ(trace.parent.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_NE(trace.parent.span_id, "00f067aa0ba902b7");
    app_log.info("inside");
    EXPECT_EQ(lines_.With("message", "inside")[0]["span_id"], trace.parent.span_id);
  }
  EXPECT_FALSE(current_trace().has_trace());
}

// The span begins on one thread and ends on any, inside the request or out of it; no thread's context is
// touched by that. REQ C-03
TEST_F(RequestLogTest, ASpanForEachRequest) {
  const auto spans = std::make_shared<MemorySpanExporter>();
  set_span_exporter(spans);
  const Scope own({{"own", 1}});
  const TraceScope own_trace({.parent = generate_traceparent(), .state = {}, .baggage = {}});
  const Context before = capture();
  const std::string parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const auto request = Begin(middleware_, {{"traceparent", parent}});
  EXPECT_TRUE(capture() == before);
  {
    const Inside inside(request);
    request->set_route("/tasks/{id}");
    const Context within = capture();
    request->finish(500);
    EXPECT_TRUE(capture() == within);
  }
  EXPECT_TRUE(capture() == before);
  const auto elsewhere = Begin(middleware_);
  std::jthread([&] { elsewhere->finish(200); }).join();
  Begin(middleware_).reset();
  EXPECT_TRUE(capture() == before);
  set_span_exporter(nullptr);

  const auto all = spans->spans();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].name, "GET");
  EXPECT_EQ(all[0].kind, SpanKind::kServer);
  EXPECT_EQ(all[0].parent_span_id, "00f067aa0ba902b7");
  EXPECT_EQ(all[0].status, SpanStatus::kError);
  EXPECT_EQ(all[0].attributes.json(), R"({"http.request.method":"GET","url.path":"/tasks/7",)"
                                      R"("client.address":"203.0.113.5","http.response.status_code":500,)"
                                      R"("http.route":"/tasks/{id}"})");
  EXPECT_EQ(all[1].status, SpanStatus::kUnset);
  EXPECT_EQ(all[2].status_message, "aborted");
}

TEST_F(RequestLogTest, WithoutTracingTheCallersTraceGoesOnAsItIs) {
  lines_.Configure({.tracing = false});
  const auto request =
      Begin(middleware_, {{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}});
  {
    const Inside inside(request);
    EXPECT_EQ(current_trace().parent.span_id, "00f067aa0ba902b7");
  }
  const auto untraced = Begin(middleware_);
  const Inside inside(untraced);
  EXPECT_FALSE(current_trace().has_trace());
}

TEST_F(RequestLogTest, OneRequestOfAConnectionLeavesNothingToTheNext) {
  const Scope leaked({{"user_id", "of an earlier request"}});
  const auto first = Begin(middleware_);
  {
    const Inside inside(first);
    first->set_user("usr_1");
  }
  const auto second = Begin(middleware_);
  {
    const Inside inside(second);
    app_log.info("second");
  }
  second->finish(200);
  EXPECT_FALSE(lines_.With("message", "second")[0].contains("user_id"));
  EXPECT_FALSE(Request().contains("user_id"));
  EXPECT_EQ(RequestLog::current(), nullptr);
  EXPECT_EQ(context_value("user_id"), "of an earlier request");  // the thread has its own again
  first->finish(200);
}

TEST_F(RequestLogTest, AUserSetInsideAScopeDoesNotMixUpContexts) {
  const auto request = Begin(middleware_);
  {
    const Inside inside(request);
    {
      const Scope task({{"task_id", 7}});
      request->set_user("usr_1");
      app_log.info("in the scope");
    }
    app_log.info("after the scope");
  }
  {
    const Inside again(request);
    app_log.info("again");
  }
  app_log.info("outside");
  request->finish(200);
  EXPECT_FALSE(lines_.With("message", "after the scope")[0].contains("task_id"));
  EXPECT_EQ(lines_.With("message", "again")[0]["user_id"], "usr_1");
  EXPECT_FALSE(lines_.With("message", "outside")[0].contains("request_id"));
  EXPECT_EQ(Request()["user_id"], "usr_1");
}

// REQ C-05
TEST_F(RequestLogTest, FinishesOnAnotherThreadUnderItsOwnContext) {
  const auto request = Begin(middleware_, {{"X-Request-ID", "req_async"}});
  std::jthread([request] {
    const Scope other({{"request_id", "someone else's"}, {"noise", 1}});
    {
      const Inside inside(request);
      RequestLog::current()->set_user("usr_1");
      app_log.info("elsewhere");
      events::count_database_query(std::chrono::milliseconds(1));
    }
    request->finish(202);
  }).join();
  EXPECT_EQ(lines_.With("message", "elsewhere")[0]["user_id"], "usr_1");
  Line line = Request();
  EXPECT_EQ(line["request_id"], "req_async");
  EXPECT_EQ(line["database_queries"], "1");
  EXPECT_FALSE(line.contains("noise"));
}

// For ThreadSanitizer: everything at once on one request, and many requests beside it.
TEST_F(RequestLogTest, ManyThreadsAtOneRequest) {
  const auto request = Begin(middleware_, {}, "POST");
  constexpr int kThreads = 8;
  constexpr int kRounds = 50;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        for (int round = 0; round < kRounds; ++round) {
          const Inside inside(request);
          request->set_user("usr_" + std::to_string(i));
          request->set_route("/a");
          request->add_response_bytes(1);
          const auto other = Begin(middleware_);
          const Inside inside_other(other);
          app_log.info("x");
          other->finish(200);
        }
        request->finish(200 + i);
      });
    }
  }
  EXPECT_EQ(lines_.Requests().size(), kThreads * kRounds + 1U);
  EXPECT_EQ(lines_.With("event", "http_request_audited").size(), 1U);
}

}  // namespace
}  // namespace taffrail::middleware
