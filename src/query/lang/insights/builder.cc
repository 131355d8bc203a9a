#include "query/lang/insights/builder.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "query/lang/insights/insights.h"

namespace taffrail::query::lang::insights {

using expr::FieldRef;
using Source = FieldRef::Source;

absl::StatusOr<std::vector<Item>> ParseItems(Lexer& lexer, const Compiler& compiler) {
  std::vector<Item> items;
  for (;;) {
    Item item;
    TAFFRAIL_ASSIGN_OR_RETURN(item.node, ParseExpression(lexer));
    item.name = item.node->kind == Node::Kind::kField ? item.node->text + item.node->path
                                                      : compiler.Written(*item.node);
    if (lexer.AtWord("as")) {
      TAFFRAIL_RETURN_IF_ERROR(lexer.Advance());
      TAFFRAIL_ASSIGN_OR_RETURN(const NodePtr name, ParseName(lexer, "a name after as"));
      item.name = name->text;
    }
    items.push_back(std::move(item));
    if (items.size() > plan::kMaxColumns) {
      return lexer.Error(fmt::format("more than {} columns", plan::kMaxColumns));
    }
    if (!lexer.AtSymbol(",")) return items;
    TAFFRAIL_RETURN_IF_ERROR(lexer.Advance());
  }
}

Builder::Builder(const Lexer& lexer, int64_t now_ns) : compiler_(lexer, now_ns) {
  plan_.source.order = plan::Order::kDescending;
}

void Builder::Extend(std::string name, plan::ScalarPtr value) {
  auto* extend = plan_.stages.empty() ? nullptr : std::get_if<plan::Extend>(&plan_.stages.back());
  if (extend == nullptr || extend->assignments.size() == plan::kMaxColumns) {
    plan_.stages.emplace_back(plan::Extend{});
    extend = &std::get<plan::Extend>(plan_.stages.back());
  }
  extend->assignments.push_back({std::move(name), false, std::move(value)});
}

absl::StatusOr<Compiler::Field> Builder::FieldFor(const Node& node) {
  if (node.kind == Node::Kind::kField) {
    TAFFRAIL_ASSIGN_OR_RETURN(const auto field, compiler_.FieldOf(node, scope_));
    if (field) return *field;
  } else if (const auto column = Compiler::ColumnOf(compiler_.Written(node), scope_)) {
    return Compiler::Field{{Source::kField, *column}, scope_.created.at(*column)};
  }
  TAFFRAIL_ASSIGN_OR_RETURN(Typed held, compiler_.Held(node, scope_));
  const std::string name = NewName();
  Extend(name, std::move(held.scalar));
  return Compiler::Field{{Source::kField, name}, held.type};
}

absl::Status Builder::AddFilter(const Node& condition) {
  std::vector<expr::ExprPtr> simple;
  std::vector<const Node*> computed;
  std::vector<const Node*> parts = {&condition};
  if (condition.IsOperator("and")) {
    parts.clear();
    for (const NodePtr& child : condition.children) parts.push_back(child.get());
  }
  for (const Node* const part : parts) {
    TAFFRAIL_ASSIGN_OR_RETURN(const auto expr, compiler_.Condition(*part, scope_));
    if (expr) {
      simple.push_back(*expr);
    } else {
      computed.push_back(part);
    }
  }
  if (!simple.empty()) plan_.stages.emplace_back(plan::Filter{expr::And(std::move(simple))});
  if (computed.empty()) return absl::OkStatus();
  std::vector<expr::ExprPtr> hold;
  for (const Node* const part : computed) {
    TAFFRAIL_ASSIGN_OR_RETURN(Typed value, compiler_.Value(*part, scope_));
    expr::Expr holds;
    holds.op = expr::Expr::Op::kEqual;
    holds.field = {Source::kField, NewName()};
    holds.text = "true";
    Extend(holds.field.name, plan::MakeCall("if", {std::move(value.scalar), plan::MakeConstant(true),
                                                   plan::MakeConstant(false)}));
    hold.push_back(expr::Make(std::move(holds)));
  }
  plan_.stages.emplace_back(plan::Filter{expr::And(std::move(hold))});
  return absl::OkStatus();
}

void Builder::Show(const std::string& name, FieldRef field) {
  const auto same = std::find_if(shown_.begin(), shown_.end(),
                                 [&name](const plan::Column& column) { return column.name == name; });
  if (same == shown_.end()) {
    shown_.push_back({name, std::move(field)});
  } else {
    same->field = std::move(field);
  }
}

void Builder::BecomeTable(std::vector<std::pair<std::string, Type>> columns) {
  scope_ = {};
  scope_.is_table = true;
  for (const auto& [name, type] : columns) scope_.Create(name, type);
  shown_.clear();
  counts_ = true;
}

// What was computed on the way is no part of a table that shows all it has.
void Builder::DropHiddenColumns() {
  const std::vector<std::string> columns = plan::ColumnsOf(plan_);
  if (columns == scope_.columns) return;
  for (const std::string& name : scope_.columns) Show(name, {Source::kField, name});
}

void Builder::Finish(bool has_limit) {
  const bool is_records = plan::ResultOf(plan_) == plan::Flowing::kRecords;
  if (!counts_ && !has_limit && (!shown_.empty() || !is_records)) {
    plan_.stages.emplace_back(plan::Limit{.count = kDefaultLimit});
  }
  if (shown_.empty() && scope_.is_table) DropHiddenColumns();
  if (shown_.empty() && !scope_.is_table && !is_records) {
    Show("@timestamp", {Source::kTimestamp, ""});
    Show("@message", {Source::kLine, ""});
  }
  if (!shown_.empty()) plan_.stages.emplace_back(plan::Project{shown_});
}

}  // namespace taffrail::query::lang::insights
