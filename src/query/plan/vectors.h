// Series over time: what RangeAggregate makes of entries, and the stages that work on whole series.
//
//   entries ── range ──> series {labels} → value at each point of the grid ── vector, scalar, join … ──>
//
// The rows of such an answer are (labels, time, value).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace taffrail::query::plan {

struct Plan;

// Points in time: from, from + step, … not after to.
struct Grid {
  int64_t from_ns = 0;
  int64_t to_ns = 0;
  int64_t step_ns = 1;

  // Unsigned, since the ends may be further apart than an int64 says.
  size_t points() const {
    const uint64_t length_ns = static_cast<uint64_t>(to_ns) - static_cast<uint64_t>(from_ns);
    return static_cast<size_t>(length_ns / static_cast<uint64_t>(step_ns)) + 1;
  }
  int64_t At(size_t point) const { return from_ns + static_cast<int64_t>(point) * step_ns; }
  friend bool operator==(const Grid&, const Grid&) = default;
};

// More points than any screen is wide. Loki's limit and message.
inline constexpr size_t kMaxGridPoints = 11'000;

struct Grouping {
  bool without = false;
  std::vector<std::string> labels;
  friend bool operator==(const Grouping&, const Grouping&) = default;
};

enum class RangeFunction : uint8_t {
  kCount,
  kRate,
  kBytes,
  kBytesRate,
  kSum,
  kSumRate,  // rate over an unwrapped value
  kAvg,
  kMin,
  kMax,
  kFirst,
  kLast,
  kStddev,
  kStdvar,
  kQuantile,
  kCounterRate,
  kAbsent,
};

// At each point t of the grid a value for each set of labels that has entries in (t - offset - range,
// t - offset]. Entries are grouped by all their fields unless a grouping says otherwise. kSum … kCounterRate
// need an Unwrap before.
struct RangeAggregate {
  RangeFunction function = RangeFunction::kCount;
  int64_t range_ns = 0;
  int64_t offset_ns = 0;
  Grid grid;
  double quantile = 0;
  std::optional<Grouping> grouping;
  std::vector<std::pair<std::string, std::string>> absent_labels;  // kAbsent: of the series it makes
  friend bool operator==(const RangeAggregate&, const RangeAggregate&) = default;
};

enum class VectorFunction : uint8_t {
  kSum,
  kAvg,
  kMin,
  kMax,
  kCount,
  kStddev,
  kStdvar,
  kTopK,
  kBottomK,
  kSort,
  kSortDescending,
};

struct VectorAggregate {
  VectorFunction function = VectorFunction::kSum;
  int64_t k = 0;  // kTopK, kBottomK
  Grouping grouping;
  friend bool operator==(const VectorAggregate&, const VectorAggregate&) = default;
};

enum class BinaryOperator : uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kPower,
  kEqual,
  kNotEqual,
  kGreater,
  kGreaterEqual,
  kLess,
  kLessEqual,
  kAnd,
  kOr,
  kUnless,
};

// Each value with a number, which stands on the left when `scalar_left`. A comparison keeps the values for
// which it holds, or gives 0 and 1 when `returns_bool`.
struct ScalarOperation {
  BinaryOperator op = BinaryOperator::kAdd;
  double scalar = 0;
  bool scalar_left = false;
  bool returns_bool = false;
};

// Each series with the one of the right plan that has the same labels: all of them, those of `on`, or all but
// those of `ignoring`.
struct Join {
  enum class Match : uint8_t { kAll, kOn, kIgnoring };
  enum class Cardinality : uint8_t { kOneToOne, kManyToOne, kOneToMany };  // group_left, group_right
  BinaryOperator op = BinaryOperator::kAdd;
  bool returns_bool = false;
  Match match = Match::kAll;
  std::vector<std::string> labels;
  Cardinality cardinality = Cardinality::kOneToOne;
  std::vector<std::string> include;  // labels taken from the one side
  std::shared_ptr<const Plan> right;
};

struct LabelReplace {
  std::string destination;
  std::string replacement;
  std::string source;
  std::string regex;
  friend bool operator==(const LabelReplace&, const LabelReplace&) = default;
};

// Instead of records: one series without labels, with this value at each point.
struct ConstantVector {
  double value = 0;
  Grid grid;
};

}  // namespace taffrail::query::plan
