#include "record/layout.h"

#include "record/json_writer.h"
#include "record/layout_fields.h"
#include "record/level.h"

namespace taffrail::record {
namespace {

void AppendComma(std::string& out) {
  if (out.back() != '{') out.push_back(',');
}

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

// The member's value when it is the same on every line of a process; empty when it is not, or is not wanted.
std::string ConstantValue(SlotValue value, const ProcessFields& process) {
  const auto quoted_unless_empty = [](const std::string& text) { return text.empty() ? text : Quoted(text); };
  switch (value) {
    case SlotValue::kService:
      return quoted_unless_empty(process.service);
    case SlotValue::kEnvironment:
      return quoted_unless_empty(process.environment);
    case SlotValue::kVersion:
      return quoted_unless_empty(process.version);
    case SlotValue::kHostname:
      return quoted_unless_empty(process.hostname);
    case SlotValue::kProcessId:
      return process.process_id == 0 ? "" : std::to_string(process.process_id);
    default:
      return "";
  }
}

bool IsConstant(SlotValue value) { return value >= SlotValue::kService && value <= SlotValue::kProcessId; }

void AppendString(const std::string& prefix, std::string_view text, bool clipped, std::string& out) {
  AppendComma(out);
  out.append(prefix);
  out.push_back('"');
  AppendEscaped(text, out);
  if (clipped) out.append(kClippedMark);
  out.push_back('"');
}

void AppendNumber(const std::string& prefix, uint64_t number, std::string& out) {
  AppendComma(out);
  out.append(prefix);
  AppendUint(number, out);
}

// Opens an object and closes it again, or takes it back when `members` wrote nothing into it.
template <typename Members>
void AppendObject(const std::string& prefix, std::string& out, Members members) {
  const size_t before = out.size();
  AppendComma(out);
  out.append(prefix);
  out.push_back('{');
  const size_t opened = out.size();
  members();
  if (out.size() == opened) {
    out.resize(before);
  } else {
    out.push_back('}');
  }
}

void AppendMetadata(const LineView& line, std::string& out) {
  AppendMembers(line.fields, out);
  if (line.fields_clipped) {
    AppendComma(out);
    out.append("\"fields_clipped\":true");
  }
}

void AppendContext(const LineView& line, std::string& out) {
  if (line.context_json.empty()) return;
  AppendComma(out);
  out.append(line.context_json);
}

}  // namespace

LayoutSpec NestedLayout(const NestedOptions& options) {
  LayoutSpec spec{
      .fraction_digits = options.fraction_digits,
      .slots = {
          {"timestamp", SlotValue::kTimestamp},
          {"level", SlotValue::kLevel},
          {"service", SlotValue::kService},
          {"environment", SlotValue::kEnvironment},
          {"version", SlotValue::kVersion},
          {"hostname", SlotValue::kHostname},
          {"process_id", SlotValue::kProcessId},
          {"thread_id", SlotValue::kThreadId, options.thread_id ? Level::kTrace : Level::kOff},
          {"logger", SlotValue::kLogger},
          {"message", SlotValue::kMessage},
          {"context", SlotValue::kContext},
          {"metadata", SlotValue::kMetadata},
          {"source",
           SlotValue::kObject,
           options.source_from,
           {{"file", SlotValue::kFile}, {"line", SlotValue::kLine}, {"function", SlotValue::kFunction}}},
          {"exception", SlotValue::kException},
      }};
  return spec;
}

Layout::Layout(const LayoutSpec& spec, const ProcessFields& process)
    : fraction_digits_(spec.fraction_digits), steps_(Compile(spec.slots, process)) {}

std::vector<Layout::Step> Layout::Compile(const std::vector<Slot>& slots, const ProcessFields& process) {
  std::vector<Step> steps;
  for (const Slot& slot : slots) {
    Step step{.value = slot.value,
              .from = slot.from,
              .key = slot.key,
              .prefix = Quoted(slot.key) + ":",
              .children = {}};
    if (IsConstant(slot.value)) {
      const std::string value = ConstantValue(slot.value, process);
      if (value.empty()) continue;
      step.prefix += value;
    }
    step.children = Compile(slot.children, process);
    steps.push_back(std::move(step));
  }
  return steps;
}

void Layout::AppendLine(const LineView& line, std::string& out) const {
  out.push_back('{');
  AppendSteps(steps_, line, out);
  out.push_back('}');
}

void Layout::AppendSteps(const std::vector<Step>& steps, const LineView& line, std::string& out) const {
  for (const Step& step : steps) {
    if (line.level >= step.from) AppendStep(step, line, out);
  }
}

void Layout::AppendStep(const Step& step, const LineView& line, std::string& out) const {
  switch (step.value) {
    case SlotValue::kTimestamp:
      AppendComma(out);
      out.append(step.prefix);
      out.push_back('"');
      AppendRfc3339(line.time_ns, fraction_digits_, out);
      out.push_back('"');
      return;
    case SlotValue::kLevel:
      return AppendString(step.prefix, LevelName(line.level), false, out);
    case SlotValue::kService:
    case SlotValue::kEnvironment:
    case SlotValue::kVersion:
    case SlotValue::kHostname:
    case SlotValue::kProcessId:
      AppendComma(out);
      out.append(step.prefix);
      return;
    case SlotValue::kThreadId:
      return AppendNumber(step.prefix, line.thread_id, out);
    case SlotValue::kLogger:
      if (!line.logger.empty()) AppendString(step.prefix, line.logger, false, out);
      return;
    case SlotValue::kMessage:
      return AppendString(step.prefix, line.message, line.message_clipped, out);
    case SlotValue::kFile:
      return AppendString(step.prefix, line.file, false, out);
    case SlotValue::kFunction:
      return AppendString(step.prefix, line.function, false, out);
    case SlotValue::kLine:
      return AppendNumber(step.prefix, line.line, out);
    case SlotValue::kContext:
      return AppendObject(step.prefix, out, [&] { AppendContext(line, out); });
    case SlotValue::kMetadata:
      return AppendObject(step.prefix, out, [&] { AppendMetadata(line, out); });
    case SlotValue::kContextInline:
      return AppendContext(line, out);
    case SlotValue::kMetadataInline:
      return AppendMetadata(line, out);
    case SlotValue::kException:
      return AppendExceptions(line.fields, step.key, out);
    case SlotValue::kObject:
      return AppendObject(step.prefix, out, [&] { AppendSteps(step.children, line, out); });
  }
}

namespace {

constexpr std::string_view kDim = "\x1b[2m", kReset = "\x1b[0m";

std::string_view ColourOf(Level level) {
  if (level >= Level::kCritical) return "\x1b[1;97;41m";  // bold white on red
  if (level >= Level::kError) return "\x1b[31m";
  if (level >= Level::kWarning) return "\x1b[33m";
  if (level >= Level::kInfo) return "\x1b[32m";
  return "\x1b[36m";
}

}  // namespace

void TextLayout::AppendLine(const LineView& line, std::string& out) const {
  const auto colour = [&](std::string_view code) {
    if (colour_) out.append(code);
  };
  colour(kDim);
  AppendRfc3339(line.time_ns, fraction_digits_, out);
  colour(kReset);
  out.push_back(' ');
  const std::string_view name = LevelName(line.level);
  colour(ColourOf(line.level));
  out.append(name);
  colour(kReset);
  out.append(name.size() < 9 ? 9 - name.size() : 1, ' ');  // CRITICAL, the longest, and a space
  if (!line.logger.empty()) {
    AppendEscaped(line.logger, out);
    out.append(": ");
  }
  AppendEscaped(line.message, out);
  if (line.message_clipped) out.append(kClippedMark);
  AppendTextFields(line.fields, out);
  if (line.fields_clipped) out.append(" fields_clipped=true");
  colour(kDim);
  AppendTextFields(line.context, out);
  colour(kReset);
}

}  // namespace taffrail::record
