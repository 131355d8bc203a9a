#include "query/parse/pattern.h"

#include <set>

#include "expr/syntax_error.h"
#include "fmt/format.h"
#include "query/parse/json.h"

namespace taffrail::query::parse {
namespace {

// The size of a capture "<name>" at the front, or 0.
size_t CaptureSize(std::string_view text) {
  if (text.empty() || text[0] != '<') return 0;
  const size_t close = text.find('>');
  if (close == std::string_view::npos || !IsLabelName(text.substr(1, close - 1))) return 0;
  return close + 1;
}

}  // namespace

absl::StatusOr<Pattern> Pattern::Parse(std::string_view text, Use use) {
  Pattern pattern;
  std::set<std::string, std::less<>> names;
  for (size_t at = 0; at < text.size();) {
    const size_t size = CaptureSize(text.substr(at));
    const bool after_capture = !pattern.nodes_.empty() && pattern.nodes_.back().is_capture;
    if (size == 0) {
      if (pattern.nodes_.empty() || after_capture) pattern.nodes_.emplace_back();
      pattern.nodes_.back().text += text[at++];
      continue;
    }
    const std::string_view name = text.substr(at + 1, size - 2);
    if (after_capture) {
      return expr::SyntaxError(text, at, "two captures need some text between them, to tell where one ends");
    }
    if (name != "_" && use == Use::kFilter) {
      return expr::SyntaxError(text, at, "a pattern filter takes nothing out of the line: write <_>");
    }
    if (name != "_" && !names.insert(std::string(name)).second) {
      return expr::SyntaxError(text, at, fmt::format("there are two captures named {}", name));
    }
    pattern.nodes_.push_back({true, std::string(name)});
    at += size;
  }
  if (use == Use::kFields && names.empty()) {
    return expr::SyntaxError(text, 0, "a pattern needs at least one named capture, such as <path>");
  }
  return pattern;
}

void Pattern::Match(std::string_view line, FieldSink& sink) const {
  // A line need not begin with the first literal: it is looked for.
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    if (!node.is_capture) {
      const size_t found = line.find(node.text);
      if (found == std::string_view::npos) return;
      line.remove_prefix(found + node.text.size());
      continue;
    }
    size_t end = line.size();
    bool ends = true;
    if (i + 1 < nodes_.size()) {
      end = line.find(nodes_[i + 1].text);
      ends = end != std::string_view::npos;
    }
    if (!ends) {
      if (node.text != "_") sink.Add(node.text, line, FieldType::kText);
      return;
    }
    if (node.text != "_") sink.Add(node.text, line.substr(0, end), FieldType::kText);
    line.remove_prefix(end);
  }
}

bool Pattern::Test(std::string_view line) const {
  if (nodes_.empty()) return line.empty();
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    if (node.is_capture) continue;
    const bool last = i + 1 == nodes_.size();
    if (i == 0) {
      if (!line.starts_with(node.text)) return false;
      line.remove_prefix(node.text.size());
      if (last) return line.empty();
      continue;
    }
    // The first place counts, but at the end the text must be what the line ends with.
    if (last) return line.size() > node.text.size() && line.ends_with(node.text);
    const size_t found = line.find(node.text, 1);
    if (found == std::string_view::npos) return false;
    line.remove_prefix(found + node.text.size());
  }
  return !line.empty();  // a capture at the end takes at least one character
}

std::string PatternToRegex(const std::string& pattern) {
  std::string regex = "^";
  for (size_t at = 0; at < pattern.size();) {
    const size_t size = CaptureSize(std::string_view(pattern).substr(at));
    if (size > 0) {
      regex += "(?s:.+?)";
      at += size;
      continue;
    }
    const char c = pattern[at++];
    if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) regex += '\\';
    regex += c;
  }
  return regex + "$";
}

}  // namespace taffrail::query::parse
