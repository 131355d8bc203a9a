#include "ingest/oddities.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/hash.h"

namespace taffrail::ingest {
namespace {

using record::Column;
using record::Kind;
using record::RecordBatch;
using record::Shape;

// The end of a JSON string whose opening quote is before `at`.
size_t StringEnd(std::string_view json, size_t at) {
  while (at < json.size() && json[at] != '"') at += json[at] == '\\' ? 2 : 1;
  return std::min(at, json.size());
}

// Whether an object in the skeleton (valid JSON but for its hole bytes) has a key twice.
bool RepeatsKey(std::string_view json) {
  using Keys = absl::flat_hash_set<uint64_t>;
  std::vector<Keys> objects;
  for (size_t at = 0; at < json.size(); ++at) {
    if (json[at] == '{') objects.emplace_back();
    if (json[at] == '}' && !objects.empty()) objects.pop_back();
    if (json[at] != '"') continue;
    const size_t end = StringEnd(json, at + 1);
    const std::string_view text = json.substr(at + 1, end - at - 1);
    const size_t after = json.find_first_not_of(" \t\r\n", end + 1);
    at = end;
    const bool is_key = after != std::string_view::npos && json[after] == ':';
    if (is_key && !objects.empty() && !objects.back().insert(base::Hash64(text)).second) return true;
  }
  return false;
}

int NestingOf(std::string_view json) {
  int depth = 0;
  int deepest = 0;
  for (size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
    if (c == '}' || c == ']') --depth;
    if (c == '"') at = StringEnd(json, at + 1);
  }
  return deepest;
}

uint64_t CountHugeNumbers(const Column& column) {
  uint64_t count = 0;
  for (size_t i = 0; i < column.size(); ++i) {
    const std::string_view text = column.text(i);
    double ignored = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), ignored);
    if (result.ec == std::errc::result_out_of_range) ++count;
  }
  return count;
}

uint64_t CountDeep(const Column& column) {
  const auto above = 1 + std::count(column.key.path.begin(), column.key.path.end(), '.');
  uint64_t count = 0;
  for (size_t i = 0; i < column.size(); ++i) {
    const std::string_view json = column.text(i);
    // Each level takes two bytes: short values need no look.
    const auto most = above + static_cast<ptrdiff_t>(json.size() / 2);
    if (most > record::kMaxDepth && above + NestingOf(json) > record::kMaxDepth) ++count;
  }
  return count;
}

uint64_t CountRowsOfShapes(const RecordBatch& batch, const std::vector<bool>& chosen) {
  return static_cast<uint64_t>(
      std::count_if(batch.shape.begin(), batch.shape.end(), [&](uint32_t shape) { return chosen[shape]; }));
}

}  // namespace

Oddities& Oddities::operator+=(const Oddities& other) {
  repeated_keys += other.repeated_keys;
  huge_numbers += other.huge_numbers;
  deep_nesting += other.deep_nesting;
  return *this;
}

Oddities CountOddities(const RecordBatch& batch) {
  Oddities oddities;
  std::vector<bool> repeats(batch.shapes.size());
  bool any = false;
  for (size_t i = 0; i < batch.shapes.size(); ++i) {
    const Shape& shape = batch.shapes[i];
    repeats[i] = !shape.is_text && RepeatsKey(std::string_view(shape.skeleton).substr(0, shape.line_size));
    any = any || repeats[i];
  }
  if (any) oddities.repeated_keys = CountRowsOfShapes(batch, repeats);
  for (const Column& column : batch.columns) {
    if (column.key.kind == Kind::kNumber) oddities.huge_numbers += CountHugeNumbers(column);
    if (column.key.kind == Kind::kJson) oddities.deep_nesting += CountDeep(column);
  }
  return oddities;
}

}  // namespace taffrail::ingest
