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
    in_bool_ = std::string_view("false").find(needle_) != std::string_view::npos ||
               std::string_view("true").find(needle_) != std::string_view::npos;
  }

  bool Text(std::string_view text) const override {
    const size_t hit = ignore_case_ ? FindFolded(text, needle_) : FindSubstring(text, needle_);
    return hit != std::string_view::npos;
  }
  bool MayPass(record::Kind kind) const override {
    switch (kind) {
      case record::Kind::kInteger:
        return in_integer_;
      case record::Kind::kDecimal:
        return in_decimal_;
      case record::Kind::kBool:
        return in_bool_;
      default:
        return true;
    }
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
  bool in_bool_;
};

}  // namespace

std::unique_ptr<Condition> MakeContainsCondition(const Expr& expr) {
  return std::make_unique<ContainsCondition>(expr.text, expr.ignore_case);
}

}  // namespace taffrail::expr
