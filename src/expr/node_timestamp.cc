// A comparison with the record's time or its number: in integers, since nanoseconds of today have more digits
// than a double.
#include <charconv>

#include "expr/condition.h"
#include "expr/node.h"
#include "fmt/format.h"

namespace taffrail::expr {
namespace {

template <typename T>
bool Holds(Expr::Op op, T time_ns, T bound_ns) {
  switch (op) {
    case Expr::Op::kEqual:
      return time_ns == bound_ns;
    case Expr::Op::kLess:
      return time_ns < bound_ns;
    case Expr::Op::kLessEqual:
      return time_ns <= bound_ns;
    case Expr::Op::kGreater:
      return time_ns > bound_ns;
    default:
      return time_ns >= bound_ns;
  }
}

class TimestampNode final : public Node {
 public:
  TimestampNode(Expr::Op op, int64_t bound_ns) : op_(op), bound_ns_(bound_ns) {}

  void Evaluate(const record::RecordBatch& batch, const Bits&, Bits& result) const override {
    result.Reset(batch.rows());
    for (size_t row = 0; row < batch.rows(); ++row) {
      if (Holds(op_, batch.timestamp_ns[row], bound_ns_)) result.Set(row);
    }
  }

  int cost() const override { return kShapeCost; }
  bool NeedsColumn(const record::ColumnKey&) const override { return false; }
  bool NeedsTimes() const override { return true; }

 private:
  Expr::Op op_;
  int64_t bound_ns_;
};

class SequenceNode final : public Node {
 public:
  SequenceNode(Expr::Op op, uint64_t bound) : op_(op), bound_(bound) {}

  void Evaluate(const record::RecordBatch& batch, const Bits&, Bits& result) const override {
    result.Reset(batch.rows());
    for (size_t row = 0; row < batch.rows(); ++row) {
      if (Holds(op_, batch.sequence.empty() ? 0 : batch.sequence[row], bound_)) result.Set(row);
    }
  }

  int cost() const override { return kShapeCost; }
  bool NeedsColumn(const record::ColumnKey&) const override { return false; }
  bool NeedsTimes() const override { return true; }

 private:
  Expr::Op op_;
  uint64_t bound_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Node>> MakeTimestampNode(const Expr& expr) {
  switch (expr.op) {
    case Expr::Op::kEqual:
    case Expr::Op::kLess:
    case Expr::Op::kLessEqual:
    case Expr::Op::kGreater:
    case Expr::Op::kGreaterEqual:
      break;
    default:
      return absl::InvalidArgumentError("the time or number of a record can only be compared");
  }
  int64_t bound_ns = 0;
  const char* end = expr.text.data() + expr.text.size();
  const auto result = std::from_chars(expr.text.data(), end, bound_ns);
  if (result.ec != std::errc() || result.ptr != end) {
    return absl::InvalidArgumentError(fmt::format("\"{}\" is no time in nanoseconds", expr.text));
  }
  if (expr.field.source == FieldRef::Source::kSequence) {
    if (bound_ns < 0) return absl::InvalidArgumentError("a record's number is not negative");
    return std::make_unique<SequenceNode>(expr.op, static_cast<uint64_t>(bound_ns));
  }
  return std::make_unique<TimestampNode>(expr.op, bound_ns);
}

}  // namespace taffrail::expr
