// A computed value: what Extend puts under a name. A tree of fields, constants and calls, printed as
//
//   add(field("took"), 1)      if(gt(field("n"), 3), "many", "few")      template("{{.method}} {{.path}}")
//
//   scalar := field | string | number | "true" | "false" | "null" | function "(" [ scalar { "," scalar } ]
//   ")"
//
// The functions and what each means are listed in query/exec/functions.h.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "expr/expr.h"
#include "expr/text_scanner.h"
#include "expr/value.h"

namespace taffrail::query::plan {

struct Scalar;
using ScalarPtr = std::shared_ptr<const Scalar>;

struct Scalar {
  enum class Kind : uint8_t { kField, kConstant, kCall };
  Kind kind = Kind::kConstant;
  expr::FieldRef field;
  expr::Value constant = expr::Null{};  // null, a boolean, an integer, a Number or a text
  std::string function;
  std::vector<ScalarPtr> arguments;
};

// Deeper trees are refused: who writes expressions nests a handful of calls.
inline constexpr int kMaxScalarDepth = 64;

ScalarPtr MakeField(expr::FieldRef field);
ScalarPtr MakeConstant(expr::Value constant);
ScalarPtr MakeCall(std::string function, std::vector<ScalarPtr> arguments);

bool Equal(const Scalar& a, const Scalar& b);
std::string ToString(const Scalar& scalar);
absl::StatusOr<ScalarPtr> ParseScalar(expr::TextScanner& scanner);
// Appends every field that the scalar reads.
void CollectFields(const Scalar& scalar, std::vector<expr::FieldRef>& fields);

}  // namespace taffrail::query::plan
