#include "server/facets.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "record/intake.h"
#include "record/json_writer.h"

namespace taffrail::server {
namespace {

using expr::FieldRef;

bool BeginsWith(std::string_view text, std::string_view lower_prefix) {
  if (text.size() < lower_prefix.size()) return false;
  return std::equal(lower_prefix.begin(), lower_prefix.end(), text.begin(),
                    [](char a, char b) { return a == absl::ascii_tolower(static_cast<unsigned char>(b)); });
}

std::string Lower(std::string text) {
  absl::AsciiStrToLower(&text);
  return text;
}

}  // namespace

FieldRef FieldNamed(std::string_view name) {
  if (name == "level") return {.source = FieldRef::Source::kLevel, .name = {}};
  if (name == "message") return {.source = FieldRef::Source::kMessage, .name = {}};
  return {.source = FieldRef::Source::kField, .name = std::string(name)};
}

Facet::Facet(std::string name, std::string prefix)
    : name_(std::move(name)), prefix_(Lower(std::move(prefix))), field_(FieldNamed(name_)) {}

void Facet::Add(const expr::FieldReader& reader, const record::RowCursor& cursor) {
  const expr::Value value = reader.Read(cursor);
  if (std::holds_alternative<expr::Missing>(value) || std::holds_alternative<expr::Null>(value)) {
    ++missing_;
    return;
  }
  std::string text = expr::ToText(value);
  if (!prefix_.empty() && !BeginsWith(text, prefix_)) return;
  if (text.size() > kMaxValueBytes) text.resize(record::ClippedSize(text, kMaxValueBytes));
  if (const auto found = values_.find(text); found != values_.end()) {
    ++found->second;
  } else if (values_.size() < kMaxDistinct) {
    values_.emplace(std::move(text), 1);
  } else {
    ++untracked_;
  }
}

void Facet::AppendJson(size_t limit, std::string& out) const {
  std::vector<std::pair<std::string_view, uint64_t>> values(values_.begin(), values_.end());
  std::sort(values.begin(), values.end(), [](const auto& a, const auto& b) {
    return std::pair(b.second, a.first) < std::pair(a.second, b.first);
  });
  out += "{\"field\":";
  record::AppendJsonString(name_, out);
  out += ",\"values\":[";
  uint64_t others = untracked_;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i >= limit) {
      others += values[i].second;
      continue;
    }
    if (i > 0) out += ',';
    out += "{\"value\":";
    record::AppendJsonString(values[i].first, out);
    fmt::format_to(std::back_inserter(out), ",\"lines\":{}}}", values[i].second);
  }
  fmt::format_to(std::back_inserter(out), "],\"distinct\":{},\"others\":{},\"missing\":{}}}", values.size(),
                 others, missing_);
}

}  // namespace taffrail::server
