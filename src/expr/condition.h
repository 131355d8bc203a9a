// One condition on one value: what the operators of Expr differ in. Each family of operators is a class in a
// file of its own; the rest of the matcher finds the values and combines the answers.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/status.h"
#include "expr/bits.h"
#include "expr/expr.h"
#include "record/batch.h"

namespace taffrail::expr {

class Condition {
 public:
  virtual ~Condition() = default;

  // The value as plain text: a string, or anything else as written.
  virtual bool Text(std::string_view text) const = 0;
  // The text of a JSON number.
  virtual bool Number(std::string_view text) const { return Text(text); }

  // False only when no value of this kind can pass: then such columns need not be read. Asked of numbers and
  // truth values.
  virtual bool MayPass(record::Kind) const { return true; }

  // Sets the bits of the values that pass; the bits come all zero, one for each value. The defaults ask value
  // by value.
  virtual void Strings(const record::StringData& values, Bits& hits) const;
  virtual void Integers(const record::Column& column, Bits& hits) const;
  virtual void Decimals(const record::Column& column, Bits& hits) const;
};

// REQUIRES: an operator that looks at a field, and not kExists.
absl::StatusOr<std::unique_ptr<Condition>> MakeCondition(const Expr& expr);

// Tests every value of a column, whatever its kind.
void TestColumn(const Condition& condition, const record::Column& column, Bits& hits);
// The answers for the distinct texts of a coded column, spread over its values. REQUIRES: column.coded().
void SpreadCodes(const record::Column& column, const Bits& of_texts, Bits& hits);
// Tests a value given as JSON text.
bool TestJson(const Condition& condition, std::string_view json);

std::unique_ptr<Condition> MakeEqualCondition(const Expr& expr);                    // kEqual, kIn
std::unique_ptr<Condition> MakeOrderCondition(const Expr& expr);                    // kLess … kGreaterEqual
std::unique_ptr<Condition> MakeContainsCondition(const Expr& expr);                 // kContains
std::unique_ptr<Condition> MakePhraseCondition(const Expr& expr);                   // kPhrase
std::unique_ptr<Condition> MakeWildcardCondition(const Expr& expr);                 // kWildcard
absl::StatusOr<std::unique_ptr<Condition>> MakeRegexCondition(const Expr& expr);    // kRegex
absl::StatusOr<std::unique_ptr<Condition>> MakeNetworkCondition(const Expr& expr);  // kInNetwork

}  // namespace taffrail::expr
