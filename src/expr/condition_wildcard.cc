// kWildcard.
#include "expr/condition.h"
#include "expr/value_memo.h"
#include "expr/wildcard.h"

namespace taffrail::expr {
namespace {

class WildcardCondition final : public Condition {
 public:
  WildcardCondition(std::string_view pattern, bool ignore_case) : wildcard_(pattern, ignore_case) {}
  bool Text(std::string_view text) const override { return wildcard_.Matches(text); }
  void Strings(const record::StringData& values, Bits& hits) const override {
    TestDistinct(
        values, [this](std::string_view text) { return wildcard_.Matches(text); }, hits);
  }

 private:
  Wildcard wildcard_;
};

}  // namespace

std::unique_ptr<Condition> MakeWildcardCondition(const Expr& expr) {
  return std::make_unique<WildcardCondition>(expr.text, expr.ignore_case);
}

}  // namespace taffrail::expr
