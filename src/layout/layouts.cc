#include "layout/layouts.h"

#include "layout/json_layout.h"
#include "layout/text_layout.h"

namespace taffrail::layout {
namespace {

using V = SlotValue;

Level When(bool wanted) { return wanted ? Level::kTrace : Level::kOff; }

// {timestamp, level, who, message, context{}, metadata{}, source{}, exception{}}
std::vector<SlotConfig> Nested(const Options& options) {
  return {{"timestamp", V::kTimestamp},
          {"level", V::kLevel},
          {"service", V::kService},
          {"environment", V::kEnvironment},
          {"version", V::kVersion},
          {"hostname", V::kHostname},
          {"process_id", V::kProcessId},
          {"process_name", V::kProcessName},
          {"thread_id", V::kThreadId, {}, When(options.thread_id)},
          {"thread_name", V::kThreadName, {}, When(options.thread_name)},
          {"logger", V::kLogger},
          {"message", V::kMessage},
          {"context", V::kContext},
          {"metadata", V::kMetadata},
          {"source",
           V::kObject,
           {},
           options.source_from,
           {{"file", V::kFile}, {"line", V::kLine}, {"function", V::kFunction}}},
          {"exception", V::kException}};
}

// The context's fields beside the message, the call's in an object.
std::vector<SlotConfig> Flat(const Options& options) {
  return {{"timestamp", V::kTimestamp},
          {"level", V::kLevel},
          {"logger", V::kLogger},
          {"message", V::kMessage},
          {"", V::kContextInline},
          {"service", V::kService},
          {"environment", V::kEnvironment},
          {"version", V::kVersion},
          {"hostname", V::kHostname},
          {"process_id", V::kProcessId},
          {"process_name", V::kProcessName},
          {"thread_id", V::kThreadId, {}, When(options.thread_id)},
          {"thread_name", V::kThreadName, {}, When(options.thread_name)},
          {"module", V::kModule, {}, options.source_from},
          {"metadata", V::kMetadata},
          {"exception", V::kException}};
}

// All fields beside the message, and errors under the names of the stack that has them so.
std::vector<SlotConfig> FlatError(const Options& options) {
  return {{"timestamp", V::kTimestamp},
          {"level", V::kLevel},
          {"logger", V::kLogger},
          {"message", V::kMessage},
          {"service", V::kService},
          {"environment", V::kEnvironment},
          {"version", V::kVersion},
          {"hostname", V::kHostname},
          {"process_id", V::kProcessId},
          {"process_name", V::kProcessName},
          {"thread_id", V::kThreadId, {}, When(options.thread_id)},
          {"thread_name", V::kThreadName, {}, When(options.thread_name)},
          {"", V::kContextInline},
          {"module", V::kModule, {}, options.source_from},
          {"function", V::kFunction, {}, options.source_from},
          {"line", V::kLine, {}, options.source_from},
          {"", V::kMetadataInline},
          {"trace_id", V::kField, "trace_id"},
          {"span_id", V::kField, "span_id"},
          {"error",
           V::kException,
           {},
           Level::kTrace,
           {{"type", V::kField, "type"},
            {"message", V::kField, "message"},
            {"stack_trace", V::kField, "stack_trace"},
            {"error_code", V::kField, "code"},
            {"causes", V::kField, "causes"}}}};
}

// All fields beside the message; a request's http{} and user{} come with its scope.
std::vector<SlotConfig> Request(const Options& options) {
  return {{"timestamp", V::kTimestamp},
          {"level", V::kLevel},
          {"logger", V::kLogger},
          {"message", V::kMessage},
          {"module", V::kModule, {}, options.source_from},
          {"function", V::kFunction, {}, options.source_from},
          {"line", V::kLine, {}, options.source_from},
          {"process_id", V::kProcessId},
          {"process_name", V::kProcessName},
          {"thread_id", V::kThreadId, {}, When(options.thread_id)},
          {"thread_name", V::kThreadName, {}, When(options.thread_name)},
          {"service", V::kService},
          {"environment", V::kEnvironment},
          {"version", V::kVersion},
          {"hostname", V::kHostname},
          {"", V::kContextInline},
          {"", V::kMetadataInline},
          {"exception",
           V::kException,
           {},
           Level::kTrace,
           {{"type", V::kField, "type"},
            {"message", V::kField, "message"},
            {"traceback", V::kField, "stack_trace"},
            {"causes", V::kField, "causes"}}}};
}

// Elastic Common Schema where it has a name, and trace.correlation_id as the stack's indices have it.
std::vector<SlotConfig> Dotted(const Options& options) {
  return {{"@timestamp", V::kTimestamp},
          {"log.level", V::kLevel},
          {"message", V::kMessage},
          {"log.logger", V::kLogger},
          {"service.name", V::kService},
          {"service.environment", V::kEnvironment},
          {"service.version", V::kVersion},
          {"host.name", V::kHostname},
          {"process.pid", V::kProcessId},
          {"process.name", V::kProcessName},
          {"process.thread.id", V::kThreadId, {}, When(options.thread_id)},
          {"process.thread.name", V::kThreadName, {}, When(options.thread_name)},
          {"trace.correlation_id", V::kField, "correlation_id"},
          {"trace.id", V::kField, "trace_id"},
          {"span.id", V::kField, "span_id"},
          {"user.id", V::kField, "user_id"},
          {"organization.id", V::kField, "organization_id"},
          {"", V::kContextInline},
          {"", V::kMetadataInline},
          {"log.origin.file.name", V::kFile, {}, options.source_from},
          {"log.origin.file.line", V::kLine, {}, options.source_from},
          {"log.origin.function", V::kFunction, {}, options.source_from},
          {"",
           V::kExceptionInline,
           {},
           Level::kTrace,
           {{"error.type", V::kField, "type"},
            {"error.message", V::kField, "message"},
            {"error.stack_trace", V::kField, "stack_trace"},
            {"error.code", V::kField, "code"},
            {"error.category", V::kField, "category"},
            {"error.fingerprint", V::kField, "fingerprint"},
            {"error.causes", V::kField, "causes"}}}};
}

// The fields of OpenTelemetry's log data model by their names there, attributes by its conventions. (OTLP's
// own JSON wraps lines in batches with types; the collector is spoken to in that, not in lines.)
std::vector<SlotConfig> Otel(const Options& options) {
  return {{"Timestamp", V::kTimestamp},
          {"TraceId", V::kField, "trace_id"},
          {"SpanId", V::kField, "span_id"},
          {"SeverityText", V::kLevel},
          {"SeverityNumber", V::kSeverityNumber},
          {"Body", V::kMessage},
          {"Resource",
           V::kObject,
           {},
           Level::kTrace,
           {{"service.name", V::kService},
            {"service.version", V::kVersion},
            {"deployment.environment.name", V::kEnvironment},
            {"host.name", V::kHostname},
            {"process.pid", V::kProcessId},
            {"process.executable.name", V::kProcessName}}},
          {"InstrumentationScope", V::kObject, {}, Level::kTrace, {{"Name", V::kLogger}}},
          {"Attributes",
           V::kObject,
           {},
           Level::kTrace,
           {{"thread.id", V::kThreadId, {}, When(options.thread_id)},
            {"thread.name", V::kThreadName, {}, When(options.thread_name)},
            {"", V::kContextInline},
            {"", V::kMetadataInline},
            {"code.file.path", V::kFile, {}, options.source_from},
            {"code.line.number", V::kLine, {}, options.source_from},
            {"code.function.name", V::kFunction, {}, options.source_from},
            {"",
             V::kExceptionInline,
             {},
             Level::kTrace,
             {{"exception.type", V::kField, "type"},
              {"exception.message", V::kField, "message"},
              {"exception.stacktrace", V::kField, "stack_trace"},
              {"exception.code", V::kField, "code"},
              {"error.type", V::kField, "category"},
              {"exception.fingerprint", V::kField, "fingerprint"},
              {"exception.causes", V::kField, "causes"}}}}}};
}

struct Builtin {
  std::string_view name;
  std::vector<SlotConfig> (*slots)(const Options&);
  bool dotted_fields = false;
};
constexpr Builtin kBuiltins[] = {{"nested", Nested},   {"flat", Flat},           {"flat+error", FlatError},
                                 {"request", Request}, {"dotted", Dotted, true}, {"otel", Otel, true}};

}  // namespace

std::optional<LayoutConfig> BuiltinLayout(std::string_view name, const Options& options) {
  for (const Builtin& builtin : kBuiltins) {
    if (builtin.name != name) continue;
    return LayoutConfig{.name = std::string(name),
                        .fraction_digits = options.fraction_digits,
                        .dotted_fields = builtin.dotted_fields,
                        .slots = builtin.slots(options)};
  }
  return std::nullopt;
}

std::unique_ptr<Layout> MakeLayout(std::string_view name, std::span<const LayoutConfig> own,
                                   const Options& options) {
  for (const LayoutConfig& layout : own) {
    if (layout.name == name) return std::make_unique<JsonLayout>(layout, options);
  }
  if (const auto layout = BuiltinLayout(name, options)) return std::make_unique<JsonLayout>(*layout, options);
  return MakeTextLayout(name, options);
}

}  // namespace taffrail::layout
