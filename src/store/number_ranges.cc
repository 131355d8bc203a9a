#include "store/number_ranges.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/hash.h"

namespace taffrail::store {
namespace {

using record::Kind;
using PathSet = absl::flat_hash_set<std::string, base::StringHash, std::equal_to<>>;

bool IsNumber(Kind kind) { return kind == Kind::kInteger || kind == Kind::kDecimal || kind == Kind::kNumber; }
bool IsText(Kind kind) { return kind == Kind::kString || kind == Kind::kEscaped || kind == Kind::kText; }

// Paths for which something other than a number column of the line may answer.
PathSet AmbiguousPaths(const record::RecordBatch& batch) {
  PathSet paths;
  for (const record::Column& column : batch.columns) {
    if (column.key.origin == record::Origin::kAttribute || IsText(column.key.kind))
      paths.insert(column.key.path);
  }
  for (const record::Shape& shape : batch.shapes) {
    for (const record::Constant& constant : shape.constants) {
      if (constant.json != "null") paths.insert(constant.path);
    }
  }
  for (const record::Stream& stream : batch.streams) {
    for (const auto& label : stream.labels) paths.insert(label.first);
  }
  return paths;
}

double PowerOfTen(unsigned exponent) {
  static const std::array<double, 32> kTable = [] {
    std::array<double, 32> table{};
    for (size_t i = 0; i < table.size(); ++i) table[i] = std::pow(10.0, static_cast<double>(i));
    return table;
  }();
  return exponent < kTable.size() ? kTable[exponent] : std::numeric_limits<double>::infinity();
}

double ValueOf(const record::Column& column, size_t i) {
  if (column.key.kind == Kind::kInteger) return static_cast<double>(column.integers[i]);
  if (column.key.kind == Kind::kDecimal) {
    return static_cast<double>(column.integers[i]) / PowerOfTen(column.scales[i]);
  }
  return std::strtod(std::string(column.text(i)).c_str(), nullptr);
}

void Widen(const record::Column& column, NumberRange& range) {
  for (size_t i = 0; i < column.size(); ++i) {
    const double value = ValueOf(column, i);
    range.min = std::min(range.min, value);
    range.max = std::max(range.max, value);
  }
}

}  // namespace

std::vector<NumberRange> NumberRangesOf(const record::RecordBatch& batch) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const PathSet ambiguous = AmbiguousPaths(batch);
  std::vector<NumberRange> ranges;
  absl::flat_hash_map<std::string, size_t> index;
  for (const record::Column& column : batch.columns) {
    if (!IsNumber(column.key.kind) || ambiguous.contains(column.key.path)) continue;
    const auto [it, added] = index.try_emplace(column.key.path, ranges.size());
    if (added) ranges.push_back({column.key.path, kInfinity, -kInfinity});
    Widen(column, ranges[it->second]);
  }
  std::erase_if(ranges, [](const NumberRange& range) { return range.min > range.max; });
  if (ranges.size() > kMaxNumberRanges) ranges.resize(kMaxNumberRanges);
  // Whoever converts the same text to a double in another way may be off by the last bit.
  for (NumberRange& range : ranges) {
    range.min = std::nextafter(range.min, -kInfinity);
    range.max = std::nextafter(range.max, kInfinity);
  }
  return ranges;
}

bool MayHold(const BlockSummary& summary, const std::vector<expr::Matcher::NumberRange>& wanted) {
  for (const expr::Matcher::NumberRange& range : wanted) {
    for (const NumberRange& there : summary.numbers) {
      if (there.path == range.path && (there.max < range.min || there.min > range.max)) return false;
    }
  }
  return true;
}

}  // namespace taffrail::store
