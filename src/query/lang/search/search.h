// The search-box language: what people type. docs/query.md is its page for users.
//
//   level:ERROR user.id:12345 -path:/health "exact phrase"
//
//   query := [ conditions ] { "|" stage }                               stages.h
//   conditions := and { ("OR" | "||") and }
//   and   := not { ["AND" | "&&"] not }
//   not   := ("NOT" | "-" | "!") not | "(" conditions ")" | name ":" value | value
//   value := "(" conditions of values ")" | (">" | ">=" | "<" | "<=") text | ("[" | "{") text "TO" text ("]"
//   |
//   "}")
//          | "*" | '"' phrase '"' | "/" regex "/" | text with * and ?
//
// A value without a name is looked for in all values of a record, as whole words without case.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "expr/expr.h"
#include "query/plan/plan.h"

namespace taffrail::query::lang::search {

// Range and order are the caller's to set, and a limit to add. Relative times ("-15m") count from
// now_ns. InvalidArgument: what is wrong, where, and what to write instead.
absl::StatusOr<plan::Plan> Parse(std::string_view text, int64_t now_ns);

}  // namespace taffrail::query::lang::search
