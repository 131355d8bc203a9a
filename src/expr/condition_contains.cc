// kContains: a substring, found by one search over all values of a column.
#include <string>

#include "expr/condition.h"
#include "expr/substring.h"
#include "expr/words.h"

namespace taffrail::expr {
namespace {

class ContainsCondition final : public Condition {
 public:
  ContainsCondition(std::string_view needle, bool ignore_case) : ignore_case_(ignore_case) {
    if (ignore_case) {
      AppendFolded(needle, needle_);
    } else {
      needle_ = needle;
    }
    in_integer_ = needle_.find_first_not_of("0123456789-") == std::string::npos;
    in_decimal_ = needle_.find_first_not_of("0123456789-.") == std::string::npos;
  }

  bool Text(std::string_view text) const override {
    const size_t hit = ignore_case_ ? FindFolded(text, needle_) : FindSubstring(text, needle_);
    return hit != std::string_view::npos;
  }
  void Strings(const record::StringData& values, Bits& hits) const override {
    FindInValues(values, needle_, ignore_case_, hits);
  }
  void Integers(const record::Column& column, Bits& hits) const override {
    if (in_integer_) Condition::Integers(column, hits);
  }
  void Decimals(const record::Column& column, Bits& hits) const override {
    if (in_decimal_) Condition::Decimals(column, hits);
  }

 private:
  std::string needle_;  // folded when case is ignored
  bool ignore_case_;
  bool in_integer_;
  bool in_decimal_;
};

}  // namespace

std::unique_ptr<Condition> MakeContainsCondition(const Expr& expr) {
  return std::make_unique<ContainsCondition>(expr.text, expr.ignore_case);
}

}  // namespace taffrail::expr
