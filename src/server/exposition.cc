#include "server/exposition.h"

#include <algorithm>
#include <iterator>

namespace taffrail::server {

std::string LabelValue(std::string_view text) {
  std::string value;
  for (const char c : text) {
    if (c == '"' || c == '\\') value += '\\';
    value += c == '\n' ? ' ' : c;
  }
  return value;
}

void Exposition::Family(std::string_view name, std::string_view type, std::string_view help) {
  const auto found = std::ranges::find(families_, name, &Lines::name);
  current_ = static_cast<size_t>(found - families_.begin());
  if (found != families_.end()) return;
  families_.push_back(
      {std::string(name), fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type)});
}

void Exposition::AddSample(std::string_view suffix, std::string_view value, std::string_view labels) {
  Lines& family = families_[current_];
  const auto out = std::back_inserter(family.text);
  fmt::format_to(out, "{}{}", family.name, suffix);
  const std::string_view comma = common_.empty() || labels.empty() ? "" : ",";
  if (!common_.empty() || !labels.empty()) fmt::format_to(out, "{{{}{}{}}}", common_, comma, labels);
  fmt::format_to(out, " {}\n", value);
}

std::string Exposition::Text() const {
  std::string text;
  for (const Lines& family : families_) text += family.text;
  return text;
}

}  // namespace taffrail::server
