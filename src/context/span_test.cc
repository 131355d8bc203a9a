#include "taffrail/span.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "context/frame.h"
#include "taffrail/detail/queue.h"

namespace taffrail {
namespace {

class Spans : public testing::Test {
 protected:
  Spans() { set_span_exporter(exporter_); }
  ~Spans() override {
    set_span_exporter(nullptr);
    set_trace_sample_rate(1);
  }

  const std::shared_ptr<MemorySpanExporter> exporter_ = std::make_shared<MemorySpanExporter>();
};

// REQ C-03
TEST_F(Spans, NestAndPutTheirIdsOnLines) {
  {
    const Span outer("outer", {{"a", 1}}, SpanKind::kServer);
    const TraceParent ids = outer.context().parent;
    EXPECT_EQ(detail::current_frame->Json(),
              "\"trace_id\":\"" + ids.trace_id + "\",\"span_id\":\"" + ids.span_id + "\"");
    {
      const Span inner("inner");
      EXPECT_EQ(context_value("trace_id"), ids.trace_id);
      EXPECT_EQ(context_value("span_id"), inner.context().parent.span_id);
    }
    EXPECT_EQ(context_value("span_id"), ids.span_id);
  }
  EXPECT_TRUE(capture().empty());
  const auto spans = exporter_->spans();
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0].name, "inner");
  EXPECT_EQ(spans[0].kind, SpanKind::kInternal);
  EXPECT_EQ(spans[0].parent_span_id, spans[1].context.parent.span_id);
  EXPECT_EQ(spans[0].context.parent.trace_id, spans[1].context.parent.trace_id);
  EXPECT_NE(spans[0].context.parent.span_id, spans[1].context.parent.span_id);
  EXPECT_EQ(spans[1].parent_span_id, "");
  EXPECT_EQ(spans[1].kind, SpanKind::kServer);
  EXPECT_EQ(spans[1].attributes.json(), R"({"a":1})");
  EXPECT_GE(spans[0].start_ns, spans[1].start_ns);
  EXPECT_GE(spans[1].duration_ns, spans[0].duration_ns);
}

TEST_F(Spans, GoOnWithTheTraceOfACaller) {
  TraceContext caller{.parent = generate_traceparent(), .state = parse_tracestate("a=1"), .baggage = {}};
  caller.baggage.set("tenant", "x");
  {
    const Span span("GET /", SpanKind::kServer, caller, {{"route", "/"}});
    EXPECT_EQ(current_trace().state.get("a"), "1");
    EXPECT_EQ(current_trace().baggage.get("tenant"), "x");
  }
  caller.parent.sampled = false;
  {
    const Span span("GET /", SpanKind::kServer, caller);
    EXPECT_FALSE(span.is_recording());
    EXPECT_EQ(context_value("trace_id"), caller.parent.trace_id);
  }
  const auto spans = exporter_->spans();
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].context.parent.trace_id, caller.parent.trace_id);
  EXPECT_EQ(spans[0].parent_span_id, caller.parent.span_id);
}

TEST_F(Spans, StatusAndEvents) {
  try {
    Span span("charge");
    span.event("sent", {{"bytes", 12}});
    throw std::runtime_error("x");
  } catch (const std::runtime_error&) {
  }
  {
    Span span("charge");
    span.fail("declined");
    span.set({{"code", 51}});
    span.set({{"text", "no"}});
  }
  {
    Span span("charge");
    span.fail("timed out");
    span.ok();
  }
  const auto spans = exporter_->spans();
  EXPECT_EQ(spans[0].status, SpanStatus::kError);
  EXPECT_EQ(spans[0].status_message, "exception");
  ASSERT_EQ(spans[0].events.size(), 1U);
  EXPECT_EQ(spans[0].events[0].name, "sent");
  EXPECT_EQ(spans[0].events[0].attributes.json(), R"({"bytes":12})");
  EXPECT_GE(spans[0].events[0].time_ns, spans[0].start_ns);
  EXPECT_EQ(spans[1].status_message, "declined");
  EXPECT_EQ(spans[1].attributes.json(), R"({"code":51,"text":"no"})");
  EXPECT_EQ(spans[2].status, SpanStatus::kOk);
  EXPECT_EQ(spans[2].status_message, "");
}

TEST_F(Spans, Limits) {
  {
    Span span("large", {{"kept", 1}});
    span.set({{"too_long", std::string(Span::kAttributesBytesMax, 'x')}});
    for (size_t i = 0; i < Span::kEventsMax + 3; ++i) span.event("e");
  }
  const SpanData span = exporter_->spans()[0];
  EXPECT_EQ(span.attributes.json(), R"({"kept":1})");
  EXPECT_EQ(span.events.size(), Span::kEventsMax);
  EXPECT_EQ(span.dropped, 4U);
}

struct Throwing {};
void log_fields(FieldWriter&, const Throwing&) { throw std::runtime_error("in user code"); }

class ThrowingExporter : public SpanExporter {
 public:
  void on_end(const SpanData&) override { throw std::runtime_error("in the exporter"); }
};

TEST_F(Spans, NothingThrowsOutOfThem) {
  { const Span span("a", {{"x", Throwing()}}); }
  EXPECT_EQ(exporter_->spans()[0].dropped, 1U);
  set_span_exporter(std::make_shared<ThrowingExporter>());
  { const Span span("b"); }
}

TEST_F(Spans, TheSampleRateIsThatOfNewTraces) {
  set_trace_sample_rate(0.25);
  int sampled = 0;
  for (int i = 0; i < 4000; ++i) {
    const Span span("root");
    const Span child("child");
    EXPECT_EQ(span.context().parent.sampled, child.context().parent.sampled);
    if (span.is_recording()) ++sampled;
  }
  EXPECT_NEAR(sampled, 1000, 150);  // five standard deviations
  set_trace_sample_rate(0);
  EXPECT_FALSE(Span("root").is_recording());
}

TEST_F(Spans, FollowTheWorkToOtherThreads) {
  {
    const Span span("request");
    std::jthread(wrap([&] { const Span child("job"); })).join();
  }
  const auto spans = exporter_->spans();
  EXPECT_EQ(spans[0].parent_span_id, spans[1].context.parent.span_id);
}

TEST_F(Spans, WithoutAnExporterOnlyTheIdsAreLeft) {
  set_span_exporter(nullptr);
  const Span span("request", {{"a", 1}});
  EXPECT_FALSE(span.is_recording());
  EXPECT_EQ(context_value("trace_id"), span.context().parent.trace_id);
}

}  // namespace
}  // namespace taffrail
