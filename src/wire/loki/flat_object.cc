#include "wire/loki/flat_object.h"

#include <algorithm>

#include "record/batch_builder.h"
#include "record/json_scan.h"
#include "record/json_writer.h"

namespace taffrail::wire::loki {

using record::ScannedValue;

namespace {

// The string at `at` (on its opening quote), unescaped.
const char* ReadString(const char* at, const char* end, std::string& out) {
  if (at == end || *at != '"') return nullptr;
  ScannedValue value;
  at = record::ScanString(at + 1, end, value);
  if (at == nullptr) return nullptr;
  if (value.has_escapes) {
    record::AppendUnescaped(value.text, out);
  } else {
    out.append(value.text);
  }
  return at;
}

}  // namespace

const char* ReadFlatObject(const char* at, const char* end, record::Labels& pairs) {
  if (at == end || *at != '{') return nullptr;
  at = record::SkipSpace(at + 1, end);
  if (at != end && *at == '}') return at + 1;
  while (true) {
    auto& [name, text] = pairs.emplace_back();
    at = ReadString(at, end, name);
    if (at == nullptr) return nullptr;
    at = record::SkipSpace(at, end);
    if (at == end || *at != ':') return nullptr;
    at = record::SkipSpace(at + 1, end);
    if (at == end) return nullptr;
    const char* const begin = at;
    at = *at == '"' ? ReadString(at, end, text) : record::SkipValue(at, end, 2);
    if (at == nullptr) return nullptr;
    if (*begin == 'n') {
      pairs.pop_back();
    } else if (*begin != '"') {
      text.assign(begin, at);
    }
    at = record::SkipSpace(at, end);
    if (at == end) return nullptr;
    if (*at == '}') return at + 1;
    if (*at != ',') return nullptr;
    at = record::SkipSpace(at + 1, end);
  }
}

void Canonicalize(record::Labels& pairs) {
  const auto by_name = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::stable_sort(pairs.begin(), pairs.end(), by_name);
  size_t kept = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (i + 1 < pairs.size() && pairs[i + 1].first == pairs[i].first) continue;
    if (kept != i) pairs[kept] = std::move(pairs[i]);
    ++kept;
  }
  pairs.resize(kept);
}

void AppendFlatObject(const record::Labels& pairs, std::string& out) {
  out.push_back('{');
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (i > 0) out.push_back(',');
    record::AppendJsonString(pairs[i].first, out);
    out.push_back(':');
    record::AppendJsonString(pairs[i].second, out);
  }
  out.push_back('}');
}

}  // namespace taffrail::wire::loki
