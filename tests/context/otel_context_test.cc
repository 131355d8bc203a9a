#include "taffrail/otel_context.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "taffrail/propagate/headers.h"
#include "taffrail/span.h"

namespace taffrail {
namespace {

namespace otel = opentelemetry;

// A context with a span whose ids are of these bytes.
otel::context::Context WithSpan(uint8_t trace, uint8_t span, const char* state = "") {
  std::array<uint8_t, 16> trace_id = {};
  trace_id.back() = trace;
  std::array<uint8_t, 8> span_id = {};
  span_id.back() = span;
  const otel::trace::SpanContext ids(
      otel::trace::TraceId(otel::nostd::span<const uint8_t, 16>(trace_id.data(), trace_id.size())),
      otel::trace::SpanId(otel::nostd::span<const uint8_t, 8>(span_id.data(), span_id.size())),
      otel::trace::TraceFlags(otel::trace::TraceFlags::kIsSampled), false,
      otel::trace::TraceState::FromHeader(state));
  otel::context::Context context = otel::context::RuntimeContext::GetCurrent();
  return otel::trace::SetSpan(context,
                              otel::nostd::shared_ptr<otel::trace::Span>(new otel::trace::DefaultSpan(ids)));
}

// REQ C-03
TEST(OtelContext, TheActiveSpansIdsAreTheContexts) {
  ASSERT_TRUE(use_opentelemetry());
  const IdScope ids("req_1");
  {
    const auto outer = otel::context::RuntimeContext::Attach(WithSpan(1, 2, "a=1"));
    EXPECT_EQ(context_value("trace_id"), "00000000000000000000000000000001");
    EXPECT_EQ(context_value("span_id"), "0000000000000002");
    EXPECT_EQ(context_value("request_id"), "req_1");
    EXPECT_TRUE(current_trace().parent.sampled);
    EXPECT_EQ(current_trace().state.get("a"), "1");
    {
      const auto inner = otel::context::RuntimeContext::Attach(WithSpan(1, 3));
      EXPECT_EQ(context_value("span_id"), "0000000000000003");
      const Span own("own");
      EXPECT_EQ(own.context().parent.trace_id, "00000000000000000000000000000001");
    }
    EXPECT_EQ(context_value("span_id"), "0000000000000002");
    std::jthread([] { EXPECT_EQ(context_value("span_id"), ""); }).join();
    std::jthread(wrap([] { EXPECT_EQ(context_value("span_id"), "0000000000000002"); })).join();
  }
  EXPECT_EQ(context_value("trace_id"), "");
  EXPECT_EQ(context_value("request_id"), "req_1");
}

TEST(OtelContext, BaggageOfOursStays) {
  use_opentelemetry();
  TraceContext trace;
  trace.baggage.set("tenant", "x");
  const TraceScope scope(trace);
  const auto attached = otel::context::RuntimeContext::Attach(WithSpan(1, 2));
  EXPECT_EQ(current_trace().baggage.get("tenant"), "x");
}

TEST(OtelContext, DetachingAnOuterOneEndsThoseInside) {
  use_opentelemetry();
  auto outer = otel::context::RuntimeContext::Attach(WithSpan(1, 2));
  auto inner = otel::context::RuntimeContext::Attach(WithSpan(1, 3));
  outer.reset();
  EXPECT_EQ(context_value("span_id"), "");
  inner.reset();  // is gone already
  EXPECT_FALSE(otel::trace::GetSpan(otel::context::RuntimeContext::GetCurrent())->GetContext().IsValid());
}

}  // namespace
}  // namespace taffrail
