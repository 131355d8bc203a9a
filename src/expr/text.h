// The printed form of an Expr; Parse reads it back to the same tree.
//
//   and(equal(level, "ERROR"), not(greater(field("took"), 1.5)), contains(line, "time out", ignore_case))
//
//   expr   := "true" | "false" | "and" "(" exprs ")" | "or" "(" exprs ")" | "not" "(" expr ")"
//           | ("exists" | "uncertain") "(" field flags ")" | "in" "(" field "," "[" strings "]" flags ")"
//           | operator "(" field "," (string | number) flags ")"
//   operator := equal | less | less_equal | greater | greater_equal | regex | contains | phrase | wildcard |
//   in_network field  := ("field" | "path" | "stream" | "label" | "logql") "(" string ")" | "line" |
//   "timestamp" | "sequence" | "level" | "message" | "any" flags  := { "," ("ignore_case" | "anchored" |
//   "missing_is_empty" | "non_null" | "no_text" | "duration" | "bytes") }
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "expr/expr.h"
#include "expr/text_scanner.h"

namespace taffrail::expr {

std::string ToString(const Expr& expr);
std::string ToString(const FieldRef& field);

// InvalidArgument with the position. Nests at most kMaxExprDepth deep.
absl::StatusOr<ExprPtr> Parse(std::string_view text);

// For forms that contain expressions: each takes one from the scanner.
absl::StatusOr<ExprPtr> ParseExpr(TextScanner& scanner);
absl::StatusOr<FieldRef> ParseField(TextScanner& scanner);

}  // namespace taffrail::expr
