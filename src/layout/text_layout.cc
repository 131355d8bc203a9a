#include "layout/text_layout.h"

#include "context/frame.h"
#include "record/json_writer.h"
#include "record/layout_fields.h"
#include "record/level.h"

namespace taffrail::layout {
namespace {

using detail::Kind;

constexpr TextForm kForms[] = {
    // 2025-10-30T14:23:45.123Z INFO     tasks.service: Task created duration_ms=45
    {"text", "%t %L%n: %m", "", {}, false},
    // 2024-12-19 10:30:15 - personal_assistant.core - INFO - Enhanced LTM …
    {"text-dashed", "%t - %n - %l - %m", "root", {.fraction_digits = 0, .legacy = true}, true},
    // 2025-10-01 16:12:05,785 INFO app: Booting Mina…
    {"text-comma",
     "%t %l %n: %m",
     "root",
     {.fraction_digits = 3, .legacy = true, .fraction_mark = ','},
     true},
};

constexpr std::string_view kDim = "\x1b[2m", kReset = "\x1b[0m";

std::string_view ColourOf(Level level) {
  if (level >= Level::kCritical) return "\x1b[1;97;41m";  // bold white on red
  if (level >= Level::kError) return "\x1b[31m";
  if (level >= Level::kWarning) return "\x1b[33m";
  if (level >= Level::kInfo) return "\x1b[32m";
  return "\x1b[36m";
}

// A value that a reader can tell from the next without quotes.
bool IsBareWord(std::string_view text) {
  return !text.empty() && text.find_first_of(" \t\"'=,{}[]\\") == std::string_view::npos &&
         record::IsCanonical(text);
}

TimeForm TimeOf(const TextForm& form, const Options& options) {
  TimeForm time = form.time;
  if (!form.own_time_digits) time.fraction_digits = options.fraction_digits;
  return time;
}

}  // namespace

TextLayout::TextLayout(const TextForm& form, const Options& options)
    : form_(form),
      colour_(options.colour),
      time_(TimeOf(form, options)),
      censor_(options.redactor),
      writer_(censor_, false) {}

void TextLayout::Append(const Line& line, SitePlans& /*plans*/, OutBuffer& out) {
  const auto put_escaped = [&](std::string_view text) {
    escaped_.clear();
    record::AppendEscaped(text, escaped_);
    out.Append(escaped_);
  };
  const std::string_view logger =
      line.logger == nullptr || line.logger->name.empty() ? form_.unnamed : line.logger->name;
  for (size_t i = 0; i < form_.pattern.size(); ++i) {
    if (form_.pattern[i] != '%') {
      out.Append(form_.pattern[i]);
      continue;
    }
    switch (form_.pattern[++i]) {
      case 't':
        PutColour(kDim, out);
        out.SetEnd(time_.Put(line.time_ns, out.Room(TimeText::kMaxBytes)));
        PutColour(kReset, out);
        break;
      case 'l':
      case 'L':
        PutLevel(line.level, form_.pattern[i] == 'L', out);
        break;
      case 'n':
        put_escaped(logger);
        if (logger.empty()) i = form_.pattern.find('%', i) - 1;
        break;
      default: {
        const bool is_literal =
            line.site != nullptr && line.message.data() == line.site->message.load_relaxed();
        put_escaped(is_literal ? line.message : censor_.Scan(line.message));
        if (line.message_clipped) out.Append(record::kClippedMark);
      }
    }
  }
  encoded_.clear();
  if (line.bound != nullptr) encoded_ = line.bound->fields;
  if (line.values != nullptr) {
    record::EncodeValues(*line.site, line.values, encoded_);
  } else {
    encoded_.append(line.fields);
  }
  PutFields(encoded_, out);
  if (line.fields_clipped) out.Append(" fields_clipped=true");
  if (line.context != nullptr) {
    PutColour(kDim, out);
    PutFields(line.context->fields, out);
    PutColour(kReset, out);
  }
  out.Append('\n');
}

void TextLayout::PutLevel(Level level, bool padded, OutBuffer& out) {
  constexpr std::string_view kBlanks = "         ";  // CRITICAL, the longest, and a space
  const std::string_view name = record::LevelName(level);
  PutColour(ColourOf(level), out);
  out.Append(name);
  PutColour(kReset, out);
  if (padded) out.Append(kBlanks.substr(std::min(name.size(), kBlanks.size() - 1)));
}

void TextLayout::PutFields(std::string_view fields, OutBuffer& out) {
  static const KeySet kNothingReserved;
  members_.clear();
  writer_.Read(fields, kNothingReserved, members_);
  for (const Member& member : members_) PutField(member, out);
  if (const auto exception = MemberWriter::ExceptionIn(fields)) {
    PutField({.key = exception->key,
              .path = exception->key,
              .verdict = censor_.active() ? Verdict::kScan : Verdict::kLeave,
              .field = *exception},
             out);
  }
  writer_.Forget();
}

void TextLayout::PutField(const Member& member, OutBuffer& out) {
  out.Append(' ');
  out.Append(member.key);
  out.Append('=');
  const bool is_string = member.field.kind == Kind::kString && !member.field.clipped;
  const size_t begin = out.size();
  writer_.WriteValue(member, out);
  if (!is_string) return;
  // Without its quotes, where nothing in it needs them.
  const std::string text(out.from(begin + 1).substr(0, out.size() - begin - 2));
  if (!IsBareWord(text)) return;
  out.resize_down(begin);
  out.Append(text);
}

std::unique_ptr<Layout> MakeTextLayout(std::string_view name, const Options& options) {
  for (const TextForm& form : kForms) {
    if (form.name == name) return std::make_unique<TextLayout>(form, options);
  }
  return nullptr;
}

}  // namespace taffrail::layout
