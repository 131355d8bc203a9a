// Spans: what a trace is made of. A span has a name, a beginning, an end and a parent; lines inside carry its
// trace_id and span_id.
//
//   taffrail::Span span("charge card", {{"provider", "acme"}}, taffrail::SpanKind::kClient);
//   if (!ok) span.fail("declined");
//
// A span begins in the trace of this thread, else it begins a trace. It writes nothing by itself: at its end
// it goes to the exporter, if one is set and the trace is sampled. log_span_exporter() (span_log.h) makes it
// a line.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "taffrail/trace.h"
#include "taffrail/value.h"

namespace taffrail {

enum class SpanKind : uint8_t { kInternal, kServer, kClient, kProducer, kConsumer };
enum class SpanStatus : uint8_t { kUnset, kOk, kError };
std::string_view to_string(SpanKind kind) noexcept;      // "internal"
std::string_view to_string(SpanStatus status) noexcept;  // "unset"

// Fields that are kept beyond their call.
struct SpanFields {
  std::string encoded;  // as calls hand them to the backend (detail/encoding.h)
  std::string json() const;
};

struct SpanEvent {
  std::string name;
  int64_t time_ns = 0;  // Unix time
  SpanFields attributes;
};

struct SpanData {
  std::string name;
  SpanKind kind = SpanKind::kInternal;
  TraceContext context;        // the trace, and the span's own id
  std::string parent_span_id;  // empty: the trace begins here
  int64_t start_ns = 0;        // Unix time
  int64_t duration_ns = 0;     // by the monotonic clock
  SpanStatus status = SpanStatus::kUnset;
  std::string status_message;
  SpanFields attributes;
  std::vector<SpanEvent> events;
  uint32_t dropped = 0;  // attributes and events beyond the limits below
};

// Takes spans as they end, on the thread and in the context of each: it must be quick and thread-safe. What
// it throws is lost.
class SpanExporter {
 public:
  virtual ~SpanExporter() = default;
  virtual void on_end(const SpanData& span) = 0;
  virtual bool flush(int64_t /*timeout_ms*/) { return true; }
};

// Replaces the exporter; null: none. Spans that have begun without one are not exported.
void set_span_exporter(std::shared_ptr<SpanExporter> exporter) noexcept;
bool has_span_exporter() noexcept;
// The share of new traces that are sampled, 0 to 1; 1 until set. Traces from elsewhere bring their decision
// along. It follows from the trace id, so that services which begin a trace alike decide alike.
void set_trace_sample_rate(double rate) noexcept;

class Span {
 public:
  static constexpr size_t kAttributesBytesMax = size_t{64} << 10;  // of a span or an event: like a scope's
  static constexpr size_t kEventsMax = 128;                        // OpenTelemetry's limit

  explicit Span(std::string_view name, std::initializer_list<Field> attributes = {},
                SpanKind kind = SpanKind::kInternal) noexcept;
  // With the trace of somebody else: a request's, a job's. Without one in it a new trace begins.
  Span(std::string_view name, SpanKind kind, const TraceContext& parent,
       std::initializer_list<Field> attributes = {}) noexcept;
  // Its status is kError when an exception is on its way and no status was set.
  ~Span();
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;

  // A span that nobody will see takes these for nothing.
  void set(std::initializer_list<Field> attributes) noexcept;
  void event(std::string_view name, std::initializer_list<Field> attributes = {}) noexcept;
  void ok() noexcept;  // kError set earlier gives way
  void fail(std::string_view message) noexcept;

  const TraceContext& context() const noexcept;
  bool is_recording() const noexcept;  // sampled, and there was an exporter when it began

 private:
  struct State;
  void begin(std::string_view name, SpanKind kind, const TraceContext& parent,
             std::initializer_list<Field> attributes) noexcept;

  std::unique_ptr<State> state_;  // null: there was no memory for it
};

// The last spans, in memory: for tests, and for a service that shows its own. Thread-safe.
class MemorySpanExporter : public SpanExporter {
 public:
  explicit MemorySpanExporter(size_t max_spans = 1'000);
  ~MemorySpanExporter() override;
  void on_end(const SpanData& span) override;
  std::vector<SpanData> spans() const;  // in the order of their ends
  void clear();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace taffrail
