#include "expr/value_matcher.h"

#include <algorithm>

#include "expr/condition.h"
#include "expr/text.h"
#include "fmt/format.h"

namespace taffrail::expr {
namespace {

bool Passes(const Condition& condition, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return condition.Text(*text);
  const bool number = std::holds_alternative<int64_t>(value) || std::holds_alternative<Number>(value);
  const std::string text = ToText(value);
  return number ? condition.Number(text) : condition.Text(text);
}

class ColumnMatcher final : public ValueMatcher {
 public:
  ColumnMatcher(const Expr& expr, size_t column, std::unique_ptr<Condition> condition)
      : column_(column),
        condition_(std::move(condition)),
        missing_is_empty_(expr.missing_is_empty),
        non_null_(expr.non_null) {}
  bool Matches(std::span<const Value> row) const override {
    const Value& value = row[column_];
    const bool missing = std::holds_alternative<Missing>(value);
    if (condition_ == nullptr)
      return !missing && !(non_null_ && std::holds_alternative<Null>(value));  // kExists
    return missing ? missing_is_empty_ && condition_->Text("") : Passes(*condition_, value);
  }

 private:
  size_t column_;
  std::unique_ptr<Condition> condition_;
  bool missing_is_empty_;
  bool non_null_;
};

class TreeMatcher final : public ValueMatcher {
 public:
  TreeMatcher(Expr::Op op, std::vector<std::unique_ptr<ValueMatcher>> children)
      : op_(op), children_(std::move(children)) {}
  bool Matches(std::span<const Value> row) const override {
    const auto holds = [&row](const auto& child) { return child->Matches(row); };
    switch (op_) {
      case Expr::Op::kAnd:
        return std::all_of(children_.begin(), children_.end(), holds);
      case Expr::Op::kOr:
        return std::any_of(children_.begin(), children_.end(), holds);
      case Expr::Op::kNot:
        return !holds(children_[0]);
      default:
        return op_ == Expr::Op::kTrue;
    }
  }

 private:
  Expr::Op op_;
  std::vector<std::unique_ptr<ValueMatcher>> children_;
};

using Result = absl::StatusOr<std::unique_ptr<ValueMatcher>>;

Result CompileLeaf(const Expr& expr, const std::vector<std::string>& columns) {
  const auto column = std::find(columns.begin(), columns.end(), expr.field.name);
  if (expr.field.source != FieldRef::Source::kField || column == columns.end()) {
    return absl::InvalidArgumentError(fmt::format("there is no column {}", ToString(expr.field)));
  }
  std::unique_ptr<Condition> condition;
  if (expr.op == Expr::Op::kUncertain) {
    return absl::InvalidArgumentError("uncertain is asked of records, not of a table's rows");
  }
  if (expr.op != Expr::Op::kExists) {
    TAFFRAIL_ASSIGN_OR_RETURN(condition, MakeCondition(expr));
  }
  return std::make_unique<ColumnMatcher>(expr, static_cast<size_t>(column - columns.begin()),
                                         std::move(condition));
}

Result CompileTree(const Expr& expr, const std::vector<std::string>& columns, int depth) {
  if (depth > kMaxExprDepth) {
    return absl::InvalidArgumentError(fmt::format("conditions nest deeper than {}", kMaxExprDepth));
  }
  const bool constant = expr.op == Expr::Op::kTrue || expr.op == Expr::Op::kFalse;
  if (expr.children.empty() && !constant) return CompileLeaf(expr, columns);
  std::vector<std::unique_ptr<ValueMatcher>> children;
  for (const ExprPtr& child : expr.children) {
    TAFFRAIL_ASSIGN_OR_RETURN(std::unique_ptr<ValueMatcher> node, CompileTree(*child, columns, depth + 1));
    children.push_back(std::move(node));
  }
  return std::make_unique<TreeMatcher>(expr.op, std::move(children));
}

}  // namespace

Result ValueMatcher::Compile(const ExprPtr& expr, const std::vector<std::string>& columns) {
  return CompileTree(*expr, columns, 1);
}

}  // namespace taffrail::expr
