// kLess, kLessEqual, kGreater, kGreaterEqual.
#include <bit>
#include <cstring>
#include <string>

#include "expr/condition.h"
#include "expr/number.h"
#include "expr/units.h"
#include "expr/words.h"

namespace taffrail::expr {
namespace {

Ordering OrderingOf(Expr::Op op) {
  switch (op) {
    case Expr::Op::kLess:
      return Ordering::kLess;
    case Expr::Op::kLessEqual:
      return Ordering::kLessEqual;
    case Expr::Op::kGreater:
      return Ordering::kGreater;
    default:
      return Ordering::kGreaterEqual;
  }
}

class NumberOrder final : public Condition {
 public:
  NumberOrder(Ordering ordering, double bound, Expr::Unit unit, bool texts_are_numbers)
      : ordering_(ordering), bound_(bound), unit_(unit), texts_are_numbers_(texts_are_numbers) {
    if (unit != Expr::Unit::kDuration) intervals_ = IntervalsOf(ordering, bound);
  }

  bool Text(std::string_view text) const override {
    double number = 0;
    return texts_are_numbers_ && ParseQuantity(unit_, text, number) && Compare(ordering_, number, bound_);
  }

  bool Number(std::string_view text) const override {
    if (unit_ == Expr::Unit::kDuration) return Text(text);  // only "0" is a duration without a unit
    double number = 0;
    return ParseNumber(text, number) && Compare(ordering_, number, bound_);
  }

  void Integers(const record::Column& column, Bits& hits) const override {
    if (unit_ == Expr::Unit::kDuration) return Condition::Integers(column, hits);
    const Interval interval = intervals_[0];
    hits.Fill(column.integers.size(),
              [&](size_t i) { return uint64_t{interval.Contains(column.integers[i])}; });
  }

  void Decimals(const record::Column& column, Bits& hits) const override {
    if (unit_ == Expr::Unit::kDuration) return;
    hits.Fill(column.integers.size(),
              [&](size_t i) { return uint64_t{intervals_[column.scales[i]].Contains(column.integers[i])}; });
  }

 private:
  Ordering ordering_;
  double bound_;
  Expr::Unit unit_;
  bool texts_are_numbers_;
  ScaledIntervals intervals_{};
};

class TextOrder final : public Condition {
 public:
  TextOrder(Ordering ordering, std::string_view bound, bool ignore_case)
      : bound_(bound), ignore_case_(ignore_case) {
    for (int order : {-1, 0, 1}) passes_[order + 1] = Compare(ordering, order, 0);
    if (ignore_case) {
      bound_.clear();
      AppendFolded(bound, bound_);
    }
  }

  // In most columns most texts differ from the bound in their first bytes.
  void Strings(const record::StringData& values, Bits& hits) const override {
    if (ignore_case_) return Condition::Strings(values, hits);
    const uint64_t bound = FirstBytes(bound_);
    hits.Fill(values.size(), [&](size_t i) {
      const std::string_view text = values[i];
      const uint64_t first = FirstBytes(text);
      if (first != bound) return uint64_t{passes_[first < bound ? 0 : 2]};
      return uint64_t{Holds(text.compare(bound_))};
    });
  }

  bool Text(std::string_view text) const override {
    if (!ignore_case_) return Holds(text.compare(bound_));
    std::string folded;
    AppendFolded(text, folded);
    return Holds(folded.compare(bound_));
  }

 private:
  // As a number in the texts' order; zeros stand for what is not there.
  static uint64_t FirstBytes(std::string_view text) {
    uint64_t bytes = 0;
    if (text.size() >= sizeof(bytes)) [[likely]] {
      std::memcpy(&bytes, text.data(), sizeof(bytes));  // of a length that the compiler knows
    } else {
      std::memcpy(&bytes, text.data(), text.size());
    }
    if constexpr (std::endian::native == std::endian::little) bytes = __builtin_bswap64(bytes);
    return bytes;
  }
  bool Holds(int order) const { return passes_[order < 0 ? 0 : order == 0 ? 1 : 2]; }

  bool passes_[3];  // a text that is less, equal, greater
  std::string bound_;
  bool ignore_case_;
};

}  // namespace

std::unique_ptr<Condition> MakeOrderCondition(const Expr& expr) {
  const Ordering ordering = OrderingOf(expr.op);
  if (!expr.is_number) return std::make_unique<TextOrder>(ordering, expr.text, expr.ignore_case);
  const bool texts_are_numbers = expr.field.source != FieldRef::Source::kField;
  return std::make_unique<NumberOrder>(ordering, expr.number, expr.unit, texts_are_numbers);
}

}  // namespace taffrail::expr
