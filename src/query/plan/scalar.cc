#include "query/plan/scalar.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "expr/text.h"
#include "fmt/format.h"

namespace taffrail::query::plan {
namespace {

// Names that begin a field (expr/text.h); no function may be called so.
constexpr std::string_view kFieldNames[] = {"field",     "path",  "stream",  "label", "logql",   "line",
                                            "timestamp", "level", "message", "any",   "sequence"};

std::string ConstantToString(const expr::Value& value) {
  std::string out;
  if (const auto* text = std::get_if<std::string>(&value)) {
    expr::AppendQuoted(*text, out);
    return out;
  }
  if (std::holds_alternative<expr::Missing>(value) || std::holds_alternative<expr::Null>(value))
    return "null";
  if (const auto* number = std::get_if<expr::Number>(&value)) {
    expr::AppendNumber(number->value, out);
    return out;
  }
  return expr::ToText(value);
}

absl::StatusOr<ScalarPtr> ParseAt(expr::TextScanner& scanner, int depth);

absl::StatusOr<ScalarPtr> ParseNumberConstant(expr::TextScanner& scanner) {
  expr::TextScanner ahead = scanner;
  const absl::StatusOr<int64_t> integer = ahead.ExpectInteger();
  TAFFRAIL_ASSIGN_OR_RETURN(const double number, scanner.ExpectNumber());
  if (integer.ok() && ahead.offset() == scanner.offset()) return MakeConstant(*integer);
  std::string text;
  expr::AppendNumber(number, text);
  return MakeConstant(expr::Number{number, std::move(text)});
}

absl::StatusOr<ScalarPtr> ParseNamed(expr::TextScanner& scanner, int depth) {
  expr::TextScanner ahead = scanner;
  const std::string name(ahead.TakeName());
  if (std::find(std::begin(kFieldNames), std::end(kFieldNames), name) != std::end(kFieldNames)) {
    TAFFRAIL_ASSIGN_OR_RETURN(expr::FieldRef field, expr::ParseField(scanner));
    return MakeField(std::move(field));
  }
  if (name == "inf" || name == "nan") return ParseNumberConstant(scanner);
  scanner = ahead;
  if (name == "null") return MakeConstant(expr::Null{});
  if (name == "true" || name == "false") return MakeConstant(name == "true");
  if (name.empty() || !scanner.Take('(')) {
    return scanner.Error("expected a field, a constant or a call such as add(1, 2)");
  }
  std::vector<ScalarPtr> arguments;
  while (!scanner.Take(')')) {
    if (!arguments.empty()) TAFFRAIL_RETURN_IF_ERROR(scanner.Expect(','));
    TAFFRAIL_ASSIGN_OR_RETURN(ScalarPtr argument, ParseAt(scanner, depth + 1));
    arguments.push_back(std::move(argument));
  }
  return MakeCall(name, std::move(arguments));
}

absl::StatusOr<ScalarPtr> ParseAt(expr::TextScanner& scanner, int depth) {
  if (depth > kMaxScalarDepth) {
    return scanner.Error(fmt::format("calls nest deeper than {}", kMaxScalarDepth));
  }
  const char c = scanner.Peek();
  if (c == '"') {
    TAFFRAIL_ASSIGN_OR_RETURN(std::string text, scanner.ExpectString());
    return MakeConstant(std::move(text));
  }
  if (c == '-' || (c >= '0' && c <= '9')) return ParseNumberConstant(scanner);
  return ParseNamed(scanner, depth);
}

bool SameConstant(const expr::Value& a, const expr::Value& b) {
  const auto* x = std::get_if<expr::Number>(&a);
  const auto* y = std::get_if<expr::Number>(&b);
  if (x != nullptr && y != nullptr) {
    return x->value == y->value || (std::isnan(x->value) && std::isnan(y->value));
  }
  return a == b;
}

}  // namespace

ScalarPtr MakeField(expr::FieldRef field) {
  Scalar scalar;
  scalar.kind = Scalar::Kind::kField;
  scalar.field = std::move(field);
  return std::make_shared<const Scalar>(std::move(scalar));
}

ScalarPtr MakeConstant(expr::Value constant) {
  Scalar scalar;
  scalar.constant = std::move(constant);
  return std::make_shared<const Scalar>(std::move(scalar));
}

ScalarPtr MakeCall(std::string function, std::vector<ScalarPtr> arguments) {
  Scalar scalar;
  scalar.kind = Scalar::Kind::kCall;
  scalar.function = std::move(function);
  scalar.arguments = std::move(arguments);
  return std::make_shared<const Scalar>(std::move(scalar));
}

bool Equal(const Scalar& a, const Scalar& b) {
  return a.kind == b.kind && a.field == b.field && SameConstant(a.constant, b.constant) &&
         a.function == b.function &&
         std::equal(a.arguments.begin(), a.arguments.end(), b.arguments.begin(), b.arguments.end(),
                    [](const ScalarPtr& x, const ScalarPtr& y) { return Equal(*x, *y); });
}

std::string ToString(const Scalar& scalar) {
  if (scalar.kind == Scalar::Kind::kField) return expr::ToString(scalar.field);
  if (scalar.kind == Scalar::Kind::kConstant) return ConstantToString(scalar.constant);
  std::string out = scalar.function + "(";
  for (size_t i = 0; i < scalar.arguments.size(); ++i) {
    if (i > 0) out += ", ";
    out += ToString(*scalar.arguments[i]);
  }
  return out + ")";
}

absl::StatusOr<ScalarPtr> ParseScalar(expr::TextScanner& scanner) { return ParseAt(scanner, 1); }

void CollectFields(const Scalar& scalar, std::vector<expr::FieldRef>& fields) {
  if (scalar.kind == Scalar::Kind::kField) fields.push_back(scalar.field);
  for (const ScalarPtr& argument : scalar.arguments) CollectFields(*argument, fields);
}

}  // namespace taffrail::query::plan
