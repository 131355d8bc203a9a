#include "expr/condition.h"

#include <string>
#include <vector>

#include "fmt/format.h"
#include "record/batch_builder.h"
#include "record/row_cursor.h"

namespace taffrail::expr {
namespace {

using record::Column;
using record::Kind;

void NumberTexts(const Condition& condition, const Column& column, Bits& hits) {
  std::string text;
  for (size_t i = 0; i < column.size(); ++i) {
    text.clear();
    record::AppendTextValue(column, i, text);
    if (condition.Number(text)) hits.Set(i);
  }
}

void Bools(const Condition& condition, const Column& column, Bits& hits) {
  const bool passes[2] = {condition.Text("false"), condition.Text("true")};
  for (size_t i = 0; i < column.integers.size(); ++i) hits.SetTo(i, passes[column.integers[i] != 0]);
}

// Of the column's values, or the distinct texts of a coded one.
void Texts(const Condition& condition, const Column& column, Bits& hits) {
  if (column.key.kind != Kind::kEscaped) return condition.Strings(column.strings, hits);
  std::string text;
  for (size_t i = 0; i < column.strings.size(); ++i) {
    text.clear();
    record::AppendUnescaped(column.strings[i], text);
    if (condition.Text(text)) hits.Set(i);
  }
}

void Strings(const Condition& condition, const Column& column, Bits& hits) {
  if (!column.coded()) return Texts(condition, column, hits);
  Bits of_texts(column.strings.size());
  Texts(condition, column, of_texts);
  SpreadCodes(column, of_texts, hits);
}

}  // namespace

void Condition::Strings(const record::StringData& values, Bits& hits) const {
  for (size_t i = 0; i < values.size(); ++i) {
    if (Text(values[i])) hits.Set(i);
  }
}

void Condition::Integers(const Column& column, Bits& hits) const { NumberTexts(*this, column, hits); }

void Condition::Decimals(const Column& column, Bits& hits) const { NumberTexts(*this, column, hits); }

void SpreadCodes(const Column& column, const Bits& of_texts, Bits& hits) {
  const size_t passing = of_texts.Count();
  if (passing == 0 || passing == of_texts.size()) return hits.Reset(column.size(), passing > 0);
  std::vector<uint8_t> passes(of_texts.size(), 0);
  of_texts.ForEach([&passes](size_t code) { passes[code] = 1; });
  hits.Fill(column.size(), [&](size_t i) { return uint64_t{passes[column.codes[i]]}; });
}

void TestColumn(const Condition& condition, const Column& column, Bits& hits) {
  hits.Reset(column.size());
  switch (column.key.kind) {
    case Kind::kString:
    case Kind::kEscaped:
    case Kind::kJson:
    case Kind::kText:
      Strings(condition, column, hits);
      return;
    case Kind::kInteger:
      condition.Integers(column, hits);
      return;
    case Kind::kDecimal:
      condition.Decimals(column, hits);
      return;
    case Kind::kNumber:
      NumberTexts(condition, column, hits);
      return;
    case Kind::kBool:
      Bools(condition, column, hits);
      return;
  }
}

bool TestJson(const Condition& condition, std::string_view json) {
  if (json.empty() || json == "null") return condition.Text("");
  if (json[0] == '"') {
    std::string text;
    record::AppendUnescaped(json.substr(1, json.size() - 2), text);
    return condition.Text(text);
  }
  const bool number = json[0] == '-' || (json[0] >= '0' && json[0] <= '9');
  return number ? condition.Number(json) : condition.Text(json);
}

absl::StatusOr<std::unique_ptr<Condition>> MakeCondition(const Expr& expr) {
  switch (expr.op) {
    case Expr::Op::kEqual:
    case Expr::Op::kIn:
      return MakeEqualCondition(expr);
    case Expr::Op::kLess:
    case Expr::Op::kLessEqual:
    case Expr::Op::kGreater:
    case Expr::Op::kGreaterEqual:
      return MakeOrderCondition(expr);
    case Expr::Op::kContains:
      return MakeContainsCondition(expr);
    case Expr::Op::kPhrase:
      return MakePhraseCondition(expr);
    case Expr::Op::kWildcard:
      return MakeWildcardCondition(expr);
    case Expr::Op::kRegex:
      return MakeRegexCondition(expr);
    case Expr::Op::kInNetwork:
      return MakeNetworkCondition(expr);
    default:
      return absl::InternalError(fmt::format("operator {} has no condition", static_cast<int>(expr.op)));
  }
}

}  // namespace taffrail::expr
