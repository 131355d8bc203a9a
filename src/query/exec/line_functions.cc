#include "query/exec/line_functions.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "base/network.h"
#include "base/time_text.h"
#include "expr/number.h"
#include "fmt/format.h"
#include "query/templates/template.h"
#include "record/level.h"

namespace taffrail::query::exec {
namespace {

using expr::Value;

class EntryFields final : public templates::Fields {
 public:
  explicit EntryFields(const Entry& entry) : entry_(entry) {}
  bool Find(std::string_view name, std::string& value) const override {
    if (name == kErrorField || name == kErrorDetailsField) {
      value = name == kErrorField ? entry_.error : entry_.error_details;
      return true;
    }
    const EntryField* const field = entry_.Find(name);
    if (field == nullptr) return false;
    value = expr::ToText(field->value);
    return true;
  }
  void ForEach(const std::function<void(std::string_view, std::string_view)>& f) const override {
    for (const auto& [name, value] : LabelsOf(entry_)) f(name, value);
  }
  std::string_view line() const override { return entry_.line; }
  int64_t timestamp_ns() const override { return entry_.timestamp_ns; }

 private:
  const Entry& entry_;
};

class TemplateCall final : public Evaluator {
 public:
  explicit TemplateCall(std::unique_ptr<templates::Template> made) : template_(std::move(made)) {}
  absl::StatusOr<Value> Evaluate(const Entry& entry) const override {
    std::string out;
    TAFFRAIL_RETURN_IF_ERROR(template_->Run(EntryFields(entry), out));
    return out;
  }

 private:
  const std::unique_ptr<templates::Template> template_;
};

class Decolorize final : public Evaluator {
 public:
  absl::StatusOr<Value> Evaluate(const Entry& entry) const override {
    const std::string& line = entry.line;
    std::string out;
    for (size_t at = 0; at < line.size();) {
      const size_t size = SequenceSize(std::string_view(line).substr(at));
      if (size == 0) out += line[at];
      at += std::max<size_t>(size, 1);
    }
    return out;
  }

 private:
  // ESC '[' parameters, then one letter.
  static size_t SequenceSize(std::string_view text) {
    if (text.size() < 3 || text[0] != '\x1b' || text[1] != '[') return 0;
    const size_t end = text.find_first_not_of("0123456789;?:", 2);
    if (end == std::string_view::npos) return 0;
    const char last = text[end];
    return (last >= '@' && last <= '~') ? end + 1 : 0;
  }
};

std::string_view LokiName(record::Level level) {
  switch (level) {
    case record::Level::kTrace:
      return "trace";
    case record::Level::kDebug:
      return "debug";
    case record::Level::kInfo:
      return "info";
    case record::Level::kWarning:
      return "warn";
    case record::Level::kError:
      return "error";
    default:
      return "critical";
  }
}

class DetectLevel final : public Evaluator {
 public:
  explicit DetectLevel(EntrySchema& schema) : reader_({expr::FieldRef::Source::kLevel, ""}, schema) {}

  absl::StatusOr<Value> Evaluate(const Entry& entry) const override {
    constexpr std::array<std::string_view, 7> kNames = {
        "detected_level", "level", "severity", "lvl", "loglevel", "severity_text", "SeverityText"};
    for (const std::string_view name : kNames) {
      const EntryField* const field = entry.Find(name);
      if (field == nullptr || field->origin == EntryField::Origin::kParsed) continue;
      return Named(expr::ToText(field->value));
    }
    const Value own = reader_.Read(entry);
    if (!std::holds_alternative<expr::Missing>(own)) return Named(expr::ToText(own));
    return std::string(InLine(entry.line));
  }

 private:
  static Value Named(const std::string& text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    if (lower == "fatal") return lower;
    const auto level = record::ParseLevel(text);
    return std::string(level ? LokiName(*level) : "unknown");
  }

  // The first word of the line's beginning that is a level's name: where writers put it.
  static std::string_view InLine(std::string_view line) {
    constexpr size_t kLookedAtBytes = 256;
    line = line.substr(0, kLookedAtBytes);
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    for (size_t at = 0; at < line.size();) {
      size_t end = at;
      while (end < line.size() && is_letter(line[end])) ++end;
      const std::string_view word = line.substr(at, end - at);
      if (word.size() >= 3 && word.size() <= 11) {
        for (const auto& [name, meaning] : kWords) {
          const bool same =
              word.size() == name.size() && std::equal(word.begin(), word.end(), name.begin(),
                                                       [](char a, char b) { return (a | 0x20) == b; });
          if (same) return meaning;
        }
      }
      at = std::max(end, at + 1);
    }
    return "unknown";
  }

  static constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"trace", "trace"}, {"debug", "debug"},       {"info", "info"},
      {"warn", "warn"},   {"warning", "warn"},      {"err", "error"},
      {"error", "error"}, {"critical", "critical"}, {"fatal", "fatal"}};

  const EntryReader reader_;
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsStop(char c) { return c == '.' || c == ':' || c == '-' || c == '+'; }
bool IsWordPart(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return IsDigit(c) || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || c == '_' || byte >= 0x80 ||
         IsStop(c);
}

// What a word that varies is; empty for one that does not.
std::string_view KindOf(std::string_view word) {
  if (std::none_of(word.begin(), word.end(), IsDigit)) return {};
  double number = 0;
  if (expr::ParseNumber(word, number) || std::all_of(word.begin(), word.end(), IsDigit)) return "Number";
  const auto is_hex = [](char c) {
    return IsDigit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') || c == '-';
  };
  if (word.size() == 36 && word[8] == '-' && std::all_of(word.begin(), word.end(), is_hex)) return "UUID";
  constexpr size_t kLongestTime = 40;
  if (word.size() <= kLongestTime && base::ParseAddress(word)) return "IP";
  if (word.size() <= kLongestTime && base::ParseTimestamp(word)) return "Time";
  return "Token";
}

}  // namespace

absl::StatusOr<std::unique_ptr<Evaluator>> MakeTemplate(const std::string& text, int64_t now_ns) {
  TAFFRAIL_ASSIGN_OR_RETURN(auto parsed, templates::Template::Parse(text, now_ns));
  return std::make_unique<TemplateCall>(std::move(parsed));
}

std::unique_ptr<Evaluator> MakeDecolorize() { return std::make_unique<Decolorize>(); }
std::unique_ptr<Evaluator> MakeDetectLevel(EntrySchema& schema) {
  return std::make_unique<DetectLevel>(schema);
}

std::string PatternOf(std::string_view text) {
  std::string pattern;
  int varying = 0;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && IsWordPart(text[end])) ++end;
    while (end > at && IsStop(text[end - 1])) --end;  // of a sentence
    if (end == at) {
      pattern += text[at++];
      continue;
    }
    const std::string_view word = text.substr(at, end - at);
    const std::string_view kind = KindOf(word);
    pattern += kind.empty() ? std::string(word) : fmt::format("<{}-{}>", kind, ++varying);
    at = end;
  }
  return pattern;
}

}  // namespace taffrail::query::exec
