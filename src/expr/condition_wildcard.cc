// kWildcard.
#include "expr/condition.h"
#include "expr/substring.h"
#include "expr/value_memo.h"
#include "expr/wildcard.h"

namespace taffrail::expr {
namespace {

class WildcardCondition final : public Condition {
 public:
  WildcardCondition(std::string_view pattern, bool ignore_case)
      : wildcard_(pattern, ignore_case), ignore_case_(ignore_case) {}
  bool Text(std::string_view text) const override { return wildcard_.Matches(text); }
  void Strings(const record::StringData& values, Bits& hits) const override {
    const std::string& literal = wildcard_.longest_literal();
    if (wildcard_.is_substring()) return FindInValues(values, literal, ignore_case_, hits);
    if (literal.empty()) {
      return TestDistinct(
          values, [this](std::string_view text) { return wildcard_.Matches(text); }, hits);
    }
    Bits candidates(values.size());
    FindInValues(values, literal, ignore_case_, candidates);
    candidates.ForEach([&](size_t i) {
      if (wildcard_.Matches(values[i])) hits.Set(i);
    });
  }

 private:
  Wildcard wildcard_;
  bool ignore_case_;
};

}  // namespace

std::unique_ptr<Condition> MakeWildcardCondition(const Expr& expr) {
  return std::make_unique<WildcardCondition>(expr.text, expr.ignore_case);
}

}  // namespace taffrail::expr
