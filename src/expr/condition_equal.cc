// kEqual and kIn: texts are equal; of fields, numbers also when they are the same number in another notation.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "expr/condition.h"
#include "expr/number.h"
#include "expr/substring.h"
#include "expr/words.h"

namespace taffrail::expr {
namespace {

class EqualCondition final : public Condition {
 public:
  EqualCondition(std::string_view text, bool ignore_case, bool numbers_by_value)
      : text_(text), ignore_case_(ignore_case), numbers_by_value_(numbers_by_value) {
    if (ignore_case) {
      text_.clear();
      AppendFolded(text, text_);
    }
    number_key_ = NumberKey(text);
    intervals_ = IntervalsEqualTo(text);
  }

  bool Text(std::string_view text) const override {
    if (text.size() != text_.size()) return false;
    if (!ignore_case_) return std::memcmp(text.data(), text_.data(), text.size()) == 0;
    return std::equal(text.begin(), text.end(), text_.begin(),
                      [](char a, char b) { return FoldByte(a) == b; });
  }

  // One search over the bytes of all values, where a text is long enough to be rare.
  void Strings(const record::StringData& values, Bits& hits) const override {
    constexpr size_t kMinBytes = 6;
    if (text_.size() < kMinBytes) return Condition::Strings(values, hits);
    const std::string_view bytes = values.raw_bytes();
    const std::vector<uint32_t>& ends = values.raw_ends();
    auto end = ends.begin();
    for (size_t from = 0;;) {
      const size_t hit = ignore_case_ ? FindFolded(bytes, text_, from) : FindSubstring(bytes, text_, from);
      if (hit == std::string_view::npos) return;
      end = std::upper_bound(end, ends.end(), hit);
      const size_t begin = end == ends.begin() ? 0 : *(end - 1);
      if (begin == hit && *end == hit + text_.size()) hits.Set(static_cast<size_t>(end - ends.begin()));
      from = *end;
    }
  }

  bool Number(std::string_view text) const override {
    if (!numbers_by_value_ || number_key_.empty()) return Text(text);
    return NumberKey(text) == number_key_;
  }

  void Integers(const record::Column& column, Bits& hits) const override {
    if (!numbers_by_value_) return Condition::Integers(column, hits);
    const Interval interval = intervals_[0];
    if (interval.empty()) return;
    hits.Fill(column.integers.size(), [&](size_t i) { return uint64_t{column.integers[i] == interval.lo}; });
  }

  void Decimals(const record::Column& column, Bits& hits) const override {
    if (!numbers_by_value_) return Condition::Decimals(column, hits);
    if (number_key_.empty()) return;
    hits.Fill(column.integers.size(),
              [&](size_t i) { return uint64_t{intervals_[column.scales[i]].Contains(column.integers[i])}; });
  }

 private:
  std::string text_;  // folded when case is ignored
  std::string number_key_;
  ScaledIntervals intervals_;
  bool ignore_case_;
  bool numbers_by_value_;
};

class InCondition final : public Condition {
 public:
  explicit InCondition(std::vector<EqualCondition> members) : members_(std::move(members)) {}

  bool Text(std::string_view text) const override {
    return std::any_of(members_.begin(), members_.end(),
                       [&](const auto& member) { return member.Text(text); });
  }
  bool Number(std::string_view text) const override {
    return std::any_of(members_.begin(), members_.end(),
                       [&](const auto& member) { return member.Number(text); });
  }
  void Integers(const record::Column& column, Bits& hits) const override {
    Bits member_hits;
    for (const EqualCondition& member : members_) {
      member_hits.Reset(column.size());
      member.Integers(column, member_hits);
      hits.Or(member_hits);
    }
  }

 private:
  std::vector<EqualCondition> members_;
};

}  // namespace

std::unique_ptr<Condition> MakeEqualCondition(const Expr& expr) {
  const bool by_value =
      expr.field.source == FieldRef::Source::kField || expr.field.source == FieldRef::Source::kAny;
  if (expr.op == Expr::Op::kEqual)
    return std::make_unique<EqualCondition>(expr.text, expr.ignore_case, by_value);
  std::vector<EqualCondition> members;
  for (const std::string& text : expr.texts) members.emplace_back(text, expr.ignore_case, by_value);
  return std::make_unique<InCondition>(std::move(members));
}

}  // namespace taffrail::expr
