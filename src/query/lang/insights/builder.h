// The plan as the commands build it, one after the other, and the names there are by then.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "query/lang/insights/compiler.h"
#include "query/plan/plan.h"

namespace taffrail::query::lang::insights {

// An expression and the name of what it gives.
struct Item {
  NodePtr node;
  std::string name;
};
// expr [ "as" name ] { "," … }
absl::StatusOr<std::vector<Item>> ParseItems(Lexer& lexer, const Compiler& compiler);

class Builder {
 public:
  Builder(const Lexer& lexer, int64_t now_ns);

  const Compiler& compiler() const { return compiler_; }
  Scope& scope() { return scope_; }
  const Scope& scope() const { return scope_; }
  plan::Plan& plan() { return plan_; }

  // The field or column that holds the expression's value; computes it first if need be.
  absl::StatusOr<Compiler::Field> FieldFor(const Node& node);
  // A name that no query can write.
  std::string NewName() { return "\x02" + std::to_string(hidden_++); }
  void Extend(std::string name, plan::ScalarPtr value);

  // Keeps the lines or rows for which a condition holds.
  absl::Status AddFilter(const Node& condition);
  // The chosen columns, in order; a name that is chosen twice stands once.
  void Show(const std::string& name, expr::FieldRef field);
  void ShowOnly() { shown_.clear(); }
  size_t shown() const { return shown_.size(); }
  // Rows of exactly these columns from here on.
  void BecomeTable(std::vector<std::pair<std::string, Type>> columns);

  // The columns, order and limit that a query has unless it says otherwise.
  void Finish(bool has_limit);

 private:
  void DropHiddenColumns();

  const Compiler compiler_;
  plan::Plan plan_;
  Scope scope_;
  std::vector<plan::Column> shown_;
  size_t hidden_ = 0;
  bool counts_ = false;  // a stats has come
};

// stats: the text after the word.
absl::Status ParseStats(Lexer& lexer, Builder& builder);

}  // namespace taffrail::query::lang::insights
