// Expressions as trees of what was written; compiler.h gives them their meaning.
//
//   expr := and { "or" and }             and   := not { "and" not }            not := "not" not | compare
//   compare := sum [ ("=" | "!=" | "<" | "<=" | ">" | ">=") sum | "=~" regex | ["not"] "like" ( text | regex
//   )
//                  | ["not"] "in" "[" [ literal { "," literal } ] "]" ]
//   sum  := product { ("+" | "-") product }    product := power { ("*" | "/" | "%") power }
//   power := unary [ "^" power ]               unary := "-" unary | atom
//   atom := literal | name | function "(" [ expr { "," expr } | "*" ] ")" | "(" expr ")"
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "query/lang/insights/lexer.h"

namespace taffrail::query::lang::insights {

struct Node;
using NodePtr = std::shared_ptr<const Node>;

struct Node {
  enum class Kind : uint8_t {
    kField,   // text, path: as of the token
    kText,    // text
    kNumber,  // text
    kBool,    // text: "true", "false"
    kNull,
    kPeriod,  // text: 5m
    kStar,    // of count(*)
    // text: the operator in the plan's words: and or not, eq ne lt le gt ge, like regex in, add sub mul div
    // mod pow neg; `regex` holds its pattern as a second, kText node
    kOperator,
    kCall,  // text: the function as written
  };
  Kind kind = Kind::kNull;
  std::string text;
  std::string path;
  std::vector<NodePtr> children;
  size_t begin = 0;  // in the query
  size_t end = 0;
  int depth = 1;

  bool IsOperator(std::string_view name) const { return kind == Kind::kOperator && text == name; }
  bool IsLiteral() const {
    return kind == Kind::kText || kind == Kind::kNumber || kind == Kind::kBool || kind == Kind::kNull;
  }
};

// Deeper trees are refused: people nest a handful of calls, and everything that walks a tree recurses. A
// level here becomes at most two of the plan's (kMaxScalarDepth).
inline constexpr int kMaxDepth = 28;

absl::StatusOr<NodePtr> ParseExpression(Lexer& lexer);
// A name or a call, without operators.
absl::StatusOr<NodePtr> ParseOperand(Lexer& lexer);
// A name by itself.
absl::StatusOr<NodePtr> ParseName(Lexer& lexer, std::string_view what);

}  // namespace taffrail::query::lang::insights
