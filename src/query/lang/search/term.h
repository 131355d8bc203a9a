// One value of the search box, with the name before it if there was one, as a condition.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "expr/expr.h"

namespace taffrail::query::lang::search {

// Text as it was typed, escapes and all.
struct Typed {
  std::string text;  // with "\*", "\?" and "\\" kept where a wildcard could stand, other escapes undone
  bool quoted = false;
  bool has_wildcard = false;  // an unescaped * or ?
  size_t offset = 0;          // in the query, for errors
};

// The text itself, every escape undone.
std::string Plain(const Typed& typed);

class TermBuilder {
 public:
  // `of_table`: names are columns, and none of them is special.
  explicit TermBuilder(int64_t now_ns, bool of_table = false) : now_ns_(now_ns), of_table_(of_table) {}

  // `name` empty: any value of the record. Errors are plain messages; the parser adds the place.
  absl::StatusOr<expr::ExprPtr> Match(std::string_view name, const Typed& value) const;
  absl::StatusOr<expr::ExprPtr> Compare(std::string_view name, expr::Expr::Op op, const Typed& bound) const;
  absl::StatusOr<expr::ExprPtr> Regex(std::string_view name, std::string pattern) const;
  expr::ExprPtr Exists(std::string_view name) const;
  // Where a name is looked for when it is not compared.
  expr::FieldRef FieldOf(std::string_view name) const;

 private:
  bool IsTime(std::string_view name) const;
  bool IsLevel(std::string_view name) const { return !of_table_ && name == "level"; }
  bool IsMessage(std::string_view name) const { return !of_table_ && name == "message"; }
  // As FieldOf, but for conditions on the text of a timestamp field.
  expr::FieldRef TextFieldOf(std::string_view name) const;
  absl::StatusOr<expr::ExprPtr> MatchTime(std::string_view name, const Typed& value) const;

  int64_t now_ns_;
  bool of_table_;
};

}  // namespace taffrail::query::lang::search
