#include <chrono>

#include "taffrail/span_log.h"

namespace taffrail {
namespace {

std::chrono::system_clock::time_point TimeOf(int64_t unix_ns) {
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(std::chrono::nanoseconds(unix_ns)));
}

// The fields are in the writer's own form already, so they go in between begin and end as they are.
void WriteObject(Key key, const SpanFields& fields, FieldWriter& out, std::string& encoded) {
  const size_t begun = out.begin_object(key);
  encoded += fields.encoded;
  out.end(begun);
}

class LogSpanExporter : public SpanExporter {
 public:
  explicit LogSpanExporter(const Logger& logger) : logger_(logger) {}

  void on_end(const SpanData& span) override {
    const Level level = span.status == SpanStatus::kError ? Level::kError : Level::kInfo;
    if (!logger_.enabled(level)) return;
    // A span's fields are known at run time only, and this is how a call takes fields that are encoded.
    ErrorField line;
    FieldWriter out(line.encoded);
    if (!span.parent_span_id.empty()) out.field("parent_span_id", span.parent_span_id);
    out.field("span_kind", to_string(span.kind));
    out.field("start", TimeOf(span.start_ns));
    out.field("duration_ms", static_cast<double>(span.duration_ns) / 1e6);
    if (span.status != SpanStatus::kUnset) out.field("status", to_string(span.status));
    if (!span.status_message.empty()) out.field("status_message", span.status_message);
    if (!span.attributes.encoded.empty()) WriteObject("attributes", span.attributes, out, line.encoded);
    if (!span.events.empty()) WriteEvents(span, out, line.encoded);
    if (span.dropped > 0) out.field("dropped", span.dropped);
    logger_.log(level, Event(span.name), line);
  }

  bool flush(int64_t timeout_ms) override { return taffrail::flush(timeout_ms); }

 private:
  static void WriteEvents(const SpanData& span, FieldWriter& out, std::string& encoded) {
    const size_t array = out.begin_array("events");
    for (const SpanEvent& event : span.events) {
      const size_t object = out.begin_object(Key());
      out.field("name", event.name);
      out.field("time", TimeOf(event.time_ns));
      if (!event.attributes.encoded.empty()) WriteObject("attributes", event.attributes, out, encoded);
      out.end(object);
    }
    out.end(array);
  }

  const Logger logger_;
};

}  // namespace

std::shared_ptr<SpanExporter> log_span_exporter(const Logger& logger) {
  return std::make_shared<LogSpanExporter>(logger);
}

}  // namespace taffrail
