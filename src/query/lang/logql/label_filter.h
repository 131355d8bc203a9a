// The label filters of one stage.
//
//   filters   := and { "or" and }
//   and       := operand { "and" operand }
//   operand   := predicate [ [ "," ] filters ]
//   predicate := "(" filters ")" | name ("=" | "!=" | "=~" | "!~") text | name ("=" | "!=") "ip" "(" text ")"
//              | name ("=" | "==" | "!=" | ">" | ">=" | "<" | "<=") (number | duration | size)
//
// So `and` binds closer than `or`; a comma or white space is `and` too, and takes all that follows as its
// right side: a="1", b="2" or c="3" is a="1" and (b="2" or c="3"). It is what Loki's grammar does.
#pragma once

#include <string_view>
#include <vector>

#include "base/status.h"
#include "expr/expr.h"
#include "query/lang/logql/condition.h"
#include "query/lang/logql/labels.h"
#include "query/lang/logql/lexer.h"

namespace taffrail::query::lang::logql {

// Counts the conditions of a query and compiles each once, so that what is wrong with it is said at its
// place.
class ConditionCheck {
 public:
  explicit ConditionCheck(const TokenReader& reader) : reader_(reader) {}
  absl::Status Check(const expr::ExprPtr& condition, size_t offset);

 private:
  const TokenReader& reader_;
  int count_ = 0;
};

// Takes the operator and the text of `name = "text"`, whose name was taken; `text` is where the text begins.
absl::StatusOr<TextMatch> TakeTextMatch(TokenReader& reader, size_t& text_offset);

class LabelFilterParser {
 public:
  LabelFilterParser(TokenReader& reader, ConditionCheck& check, const Labels& labels)
      : reader_(reader), check_(check), labels_(labels) {}

  // What stands after the '|'.
  absl::StatusOr<Conversion> Parse() { return ParseOr(1); }

 private:
  absl::StatusOr<Conversion> ParseOr(int depth);
  absl::StatusOr<Conversion> ParseAnd(int depth);
  absl::StatusOr<Conversion> ParseOperand(int depth);
  absl::StatusOr<Conversion> ParsePredicate(int depth);
  absl::StatusOr<Conversion> ParseNamed();
  absl::StatusOr<Conversion> ParseIp(const Token& name, std::string_view comparison);
  absl::StatusOr<Conversion> ParseText(const Token& name);
  bool AtPredicate() const;

  TokenReader& reader_;
  ConditionCheck& check_;
  Labels labels_;  // as they stand at this place of the stage: with what failed to its left
};

}  // namespace taffrail::query::lang::logql
