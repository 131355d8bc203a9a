// The ids of opentelemetry-cpp's active span on every line, where its API is installed; nothing else of
// Taffrail needs it.
//
//   taffrail::use_opentelemetry();                     // first thing in main, before any span
//   ...
//   auto scope = tracer->WithActiveSpan(span);
//   log.info("Task created");                          // carries the span's trace_id and span_id
//
// Spans of span.h begun inside are children of OpenTelemetry's, and inject() sends its trace along.
#pragma once

#include "taffrail/trace.h"

#if __has_include(<opentelemetry/context/runtime_context.h>) && __has_include(<opentelemetry/trace/context.h>)
#define TAFFRAIL_HAS_OPENTELEMETRY 1
#include <opentelemetry/context/runtime_context.h>
#include <opentelemetry/trace/context.h>

#include <array>
#include <memory>
#include <vector>
#else
#define TAFFRAIL_HAS_OPENTELEMETRY 0
#endif

namespace taffrail {

#if TAFFRAIL_HAS_OPENTELEMETRY

// The trace of the span in an OpenTelemetry context; without one it has no trace.
inline TraceContext otel_trace(const opentelemetry::context::Context& context) {
  const auto span = opentelemetry::trace::GetSpan(context)->GetContext();
  TraceContext trace;
  if (!span.IsValid()) return trace;
  std::array<char, 2 * opentelemetry::trace::TraceId::kSize> trace_id;
  std::array<char, 2 * opentelemetry::trace::SpanId::kSize> span_id;
  span.trace_id().ToLowerBase16(
      opentelemetry::nostd::span<char, trace_id.size()>(trace_id.data(), trace_id.size()));
  span.span_id().ToLowerBase16(
      opentelemetry::nostd::span<char, span_id.size()>(span_id.data(), span_id.size()));
  trace.parent.trace_id.assign(trace_id.data(), trace_id.size());
  trace.parent.span_id.assign(span_id.data(), span_id.size());
  trace.parent.sampled = span.trace_flags().IsSampled();
  trace.state = parse_tracestate(span.trace_state()->ToHeader());
  return trace;
}

// Where OpenTelemetry keeps which context is active: a stack for each thread, as its own storage has, on
// which every context with a span brings a TraceScope.
class OtelContextStorage : public opentelemetry::context::RuntimeContextStorage {
 public:
  opentelemetry::context::Context GetCurrent() noexcept override {
    return stack().empty() ? opentelemetry::context::Context() : stack().back().context;
  }

  opentelemetry::nostd::unique_ptr<opentelemetry::context::Token> Attach(
      const opentelemetry::context::Context& context) noexcept override {
    stack().push_back({context, nullptr});
    TraceContext trace = otel_trace(context);
    TraceContext here = current_trace();
    if (trace.has_trace() && trace.parent.span_id != here.parent.span_id) {
      trace.baggage = std::move(here.baggage);
      stack().back().trace = std::make_unique<TraceScope>(std::move(trace));
    }
    return CreateToken(context);
  }

  // Those attached later go too.
  bool Detach(opentelemetry::context::Token& token) noexcept override {
    std::vector<Attached>& attached = stack();
    size_t depth = attached.size();
    while (depth > 0 && !(token == attached[depth - 1].context)) --depth;
    if (depth == 0) return false;
    while (attached.size() >= depth) attached.pop_back();
    return true;
  }

 private:
  struct Attached {
    opentelemetry::context::Context context;
    std::unique_ptr<TraceScope> trace;
  };
  static std::vector<Attached>& stack() {
    static thread_local std::vector<Attached> attached;
    return attached;
  }
};

#endif

// Before any span is made. False: opentelemetry-cpp was not there when this was compiled.
inline bool use_opentelemetry() {
#if TAFFRAIL_HAS_OPENTELEMETRY
  opentelemetry::context::RuntimeContext::SetRuntimeContextStorage(
      opentelemetry::nostd::shared_ptr<opentelemetry::context::RuntimeContextStorage>(
          new OtelContextStorage));
#endif
  return TAFFRAIL_HAS_OPENTELEMETRY != 0;
}

}  // namespace taffrail
