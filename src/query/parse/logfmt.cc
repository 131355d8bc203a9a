#include "query/parse/logfmt.h"

#include <string>

#include "query/parse/json.h"
#include "record/batch_builder.h"

namespace taffrail::query::parse {
namespace {

bool IsSpace(char c) { return static_cast<unsigned char>(c) <= ' '; }

size_t SkipWord(std::string_view line, size_t at) {
  while (at < line.size() && !IsSpace(line[at])) ++at;
  return at;
}

constexpr size_t kHexDigits = 4;  // of \u

// Whether each backslash begins an escape: JSON's, and the single quote.
bool IsEscaped(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) < ' ') return false;
    if (text[i] != '\\') continue;
    if (++i == text.size() || std::string_view("\"\\/'bfnrtu").find(text[i]) == std::string_view::npos)
      return false;
    if (text[i] != 'u') continue;
    const std::string_view digits = text.substr(i + 1, kHexDigits);
    if (digits.size() < kHexDigits ||
        digits.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
      return false;
    }
  }
  return true;
}

// Reads a quoted value from its opening quote; moves `at` behind the closing one. Returns what is wrong with
// it.
std::string_view TakeQuoted(std::string_view line, size_t& at, std::string& value) {
  const size_t begin = at + 1;
  bool escaped = false;
  for (size_t i = begin; i < line.size(); ++i) {
    if (line[i] == '\\') {
      escaped = true;
      ++i;
    } else if (line[i] == '"') {
      const std::string_view inside = line.substr(begin, i - begin);
      at = i + 1;
      if (escaped && !IsEscaped(inside)) return "invalid quoted value";
      if (escaped) {
        record::AppendUnescaped(inside, value);
      } else {
        value = inside;
      }
      return {};
    }
  }
  at = line.size();
  return "unterminated quoted value";
}

}  // namespace

std::string_view ParseLogfmt(std::string_view line, const LogfmtOptions& options, FieldSink& sink) {
  size_t at = 0;
  while (true) {
    while (at < line.size() && IsSpace(line[at])) ++at;
    if (at == line.size()) return {};
    const size_t begin = at;
    while (at < line.size() && !IsSpace(line[at]) && line[at] != '=' && line[at] != '"') ++at;
    const std::string_view key = line.substr(begin, at - begin);
    std::string value;
    std::string_view error;
    if (key.empty()) {
      error = at < line.size() && line[at] == '"' ? "unexpected '\"'" : "unexpected '='";
      at = SkipWord(line, at);
    } else if (at < line.size() && line[at] == '"') {
      error = "unexpected '\"' in a key";
      at = SkipWord(line, at);
    } else if (at < line.size() && line[at] == '=') {
      ++at;
      if (at < line.size() && line[at] == '"') {
        error = TakeQuoted(line, at, value);
      } else {
        const size_t value_begin = at;
        at = SkipWord(line, at);
        value = line.substr(value_begin, at - value_begin);
        if (value.find_first_of("=\"") != std::string::npos) error = "unexpected '=' or '\"' in a value";
      }
    }
    if (!error.empty()) {
      if (options.strict) return error;
      continue;
    }
    if (!value.empty() || options.keep_empty) sink.Add(LabelName(key), value, FieldType::kText);
  }
}

}  // namespace taffrail::query::parse
