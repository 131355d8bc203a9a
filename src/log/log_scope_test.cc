#include "taffrail/log_scope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

#include "taffrail/config.h"
#include "taffrail/span_log.h"

namespace taffrail {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class LogScopes : public testing::Test {
 protected:
  LogScopes() : sink_(std::make_shared<MemorySink>()) {
    Config config;
    config.layout = "nested";
    config.sinks = {{sink_}};
    init(std::move(config));
  }
  ~LogScopes() override {
    set_span_exporter(nullptr);
    shutdown();
  }

  std::vector<std::string> Lines() {
    flush();
    return sink_->lines();
  }

  std::shared_ptr<MemorySink> sink_;
  const Logger log_{"scopes"};
};

// REQ L-07
TEST_F(LogScopes, AnExceptionOnTheLastLineHasItsCauses) {
  try {
    LogScope scope(log_, "import");
    try {
      try {
        throw std::runtime_error("disk full");
      } catch (...) {
        std::throw_with_nested(std::invalid_argument("cannot import"));
      }
    } catch (const std::exception& e) {
      scope.fail(e);
      throw;
    }
  } catch (const std::exception&) {
  }
  const auto lines = Lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[1], HasSubstr(R"("message":"import failed")"));
  EXPECT_THAT(lines[1], ContainsRegex(R"("duration_ms":[0-9.e-]+,"outcome":"failure")"));
  EXPECT_THAT(lines[1], HasSubstr(R"("reason":"cannot import")"));
  EXPECT_THAT(lines[1], HasSubstr("std::invalid_argument"));
  EXPECT_THAT(lines[1], HasSubstr("disk full"));
}

TEST_F(LogScopes, AnExceptionThatIsCaughtInsideIsNoFailure) {
  try {
    throw std::runtime_error("outside");
  } catch (const std::runtime_error&) {
    const LogScope scope(log_, "clean-up");  // while an exception is being handled, and none is on its way
    try {
      throw std::runtime_error("inside");
    } catch (const std::runtime_error&) {
    }
  }
  EXPECT_THAT(Lines()[1], HasSubstr(R"("outcome":"success")"));
}

TEST_F(LogScopes, IsNoSpanWhereThereIsNoTrace) {
  { const LogScope scope(log_, "import"); }
  EXPECT_THAT(Lines()[0], Not(HasSubstr("trace_id")));
}

// REQ C-03
TEST_F(LogScopes, InsideATraceItIsASpan) {
  const auto spans = std::make_shared<MemorySpanExporter>();
  set_span_exporter(spans);
  {
    const Span request("GET /tasks", {}, SpanKind::kServer);
    LogScope scope(log_, "import", {{"file", "a.csv"}});
    log_.info("inside");
    scope.fail("no such file");
  }
  ASSERT_EQ(spans->spans().size(), 2U);
  const SpanData import = spans->spans()[0], request = spans->spans()[1];
  EXPECT_EQ(import.parent_span_id, request.context.parent.span_id);
  EXPECT_EQ(import.status, SpanStatus::kError);
  EXPECT_EQ(import.status_message, "no such file");
  EXPECT_EQ(import.attributes.json(), R"({"file":"a.csv"})");
  for (const std::string& line : Lines()) {
    EXPECT_THAT(line, HasSubstr("\"trace_id\":\"" + import.context.parent.trace_id));
    EXPECT_THAT(line, HasSubstr("\"span_id\":\"" + import.context.parent.span_id));
  }
}

TEST_F(LogScopes, WithTracingOffItIsNone) {
  Config config;
  config.sinks = {{sink_}};
  config.layout = "nested";
  config.features.tracing = false;
  init(std::move(config));
  set_span_exporter(std::make_shared<MemorySpanExporter>());
  { const LogScope scope(log_, "import"); }
  EXPECT_THAT(Lines()[0], Not(HasSubstr("trace_id")));
}

TEST_F(LogScopes, ASpanBecomesALine) {
  set_span_exporter(log_span_exporter(Logger("spans")));
  std::string trace_id, parent_id, span_id;
  {
    const Span outer("outer");
    Span span("charge \"card\"", {{"provider", "acme"}, {"tries", {{"n", 2}}}}, SpanKind::kClient);
    span.event("retried", {{"after", "timeout"}});
    span.fail("declined");
    trace_id = span.context().parent.trace_id;
    span_id = span.context().parent.span_id;
    parent_id = outer.context().parent.span_id;
  }
  const auto lines = Lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0], HasSubstr(R"("message":"charge \"card\"")"));
  EXPECT_THAT(lines[0], HasSubstr(R"("level":"ERROR")"));
  EXPECT_THAT(lines[0], HasSubstr("\"trace_id\":\"" + trace_id + "\",\"span_id\":\"" + span_id + "\""));
  EXPECT_THAT(lines[0], HasSubstr("\"parent_span_id\":\"" + parent_id + R"(","span_kind":"client")"));
  EXPECT_THAT(lines[0], ContainsRegex(R"("start":"[0-9T:.-]+Z","duration_ms":[0-9.e-]+,"status":"error")"));
  EXPECT_THAT(lines[0], HasSubstr(R"("attributes":{"provider":"acme","tries":{"n":2}})"));
  EXPECT_THAT(lines[0], ContainsRegex(R"("time":"[^"]+","attributes":.{1}"after":"timeout")"));
  EXPECT_THAT(lines[1], Not(HasSubstr("parent_span_id")));
}

}  // namespace
}  // namespace taffrail
