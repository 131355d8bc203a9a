// stats: the aggregates are taken out of the expressions, named, and counted by the plan's Aggregate; what is
// computed from them comes after it.
//
//   stats sum(bytes) / count(*) as mean by bin(5m)
//   → aggregate "\2 0" = sum(bytes), "\2 1" = count() by "bin(5m)" = bucket("5m")
//     extend "mean" = div("\2 0", "\2 1")
//     project "bin(5m)", "mean"
#include <algorithm>
#include <set>

#include "expr/number.h"
#include "fmt/format.h"
#include "query/lang/insights/builder.h"

namespace taffrail::query::lang::insights {
namespace {

using Kind = Node::Kind;
using plan::Aggregate;
using Source = expr::FieldRef::Source;

bool HasAggregate(const Node& node) {
  if (node.kind == Kind::kCall && FindAggregate(node.text) != nullptr) return true;
  return std::any_of(node.children.begin(), node.children.end(),
                     [](const NodePtr& child) { return HasAggregate(*child); });
}

class Stats {
 public:
  Stats(Lexer& lexer, Builder& builder) : lexer_(lexer), builder_(builder) {}

  absl::Status Parse() {
    TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<Item> items, ParseItems(lexer_, builder_.compiler()));
    std::vector<Item> keys;
    if (lexer_.AtWord("by")) {
      TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
      TAFFRAIL_ASSIGN_OR_RETURN(keys, ParseItems(lexer_, builder_.compiler()));
    }
    for (const Item& key : keys) TAFFRAIL_RETURN_IF_ERROR(AddKey(key));
    for (const Item& item : items) TAFFRAIL_RETURN_IF_ERROR(AddItem(item));
    return Emit();
  }

 private:
  // What an item is computed from once the aggregates are there.
  struct Computed {
    NodePtr node;
    std::string name;
  };

  absl::Status AddName(const Node& node, const std::string& name) {
    if (names_.insert(name).second) return absl::OkStatus();
    return lexer_.ErrorAt(node.begin, fmt::format("two columns are named \"{}\"; name one with as", name));
  }

  absl::Status AddKey(const Item& item) {
    if (HasAggregate(*item.node)) {
      return lexer_.ErrorAt(item.node->begin, "expected a field or bin() after by, not an aggregate");
    }
    TAFFRAIL_RETURN_IF_ERROR(AddName(*item.node, item.name));
    plan::GroupKey key{.name = item.name, .field = {}, .bucket_ns = 0};
    Type type = Type::kTime;
    if (const auto bucket_ns = builder_.compiler().BucketOf(*item.node, builder_.scope())) {
      key.bucket_ns = *bucket_ns;
    } else {
      TAFFRAIL_ASSIGN_OR_RETURN(Compiler::Field field, builder_.FieldFor(*item.node));
      key.field = std::move(field.ref);
      type = field.type;
    }
    aggregate_.keys.push_back(std::move(key));
    columns_.emplace_back(item.name, type);
    shown_.push_back(item.name);
    return absl::OkStatus();
  }

  absl::Status AddItem(const Item& item) {
    TAFFRAIL_RETURN_IF_ERROR(AddName(*item.node, item.name));
    shown_.push_back(item.name);
    if (item.node->kind == Kind::kCall && FindAggregate(item.node->text) != nullptr) {
      return AddCall(*item.node, item.name);
    }
    if (!HasAggregate(*item.node) && item.node->kind == Kind::kField) {
      return lexer_.ErrorAt(
          item.node->begin,
          fmt::format("expected an aggregate, such as count(*) or avg({}); fields to group by "
                      "stand after by",
                      item.node->text));
    }
    TAFFRAIL_ASSIGN_OR_RETURN(NodePtr node, WithoutAggregates(item.node));
    computed_.push_back({std::move(node), item.name});
    return absl::OkStatus();
  }

  // The same expression with a hidden column in place of each aggregate.
  absl::StatusOr<NodePtr> WithoutAggregates(const NodePtr& node) {
    if (!HasAggregate(*node)) return node;
    if (node->kind == Kind::kCall && FindAggregate(node->text) != nullptr) {
      Node name;
      name.kind = Kind::kField;
      name.text = builder_.NewName();
      name.begin = node->begin;
      name.end = node->begin;
      TAFFRAIL_RETURN_IF_ERROR(AddCall(*node, name.text));
      return std::make_shared<const Node>(std::move(name));
    }
    Node copy = *node;
    copy.end = copy.begin;  // it is no longer what was written
    for (NodePtr& child : copy.children) {
      TAFFRAIL_ASSIGN_OR_RETURN(child, WithoutAggregates(child));
    }
    return std::make_shared<const Node>(std::move(copy));
  }

  absl::Status AddCall(const Node& node, const std::string& name) {
    const AggregateFunction& function = *FindAggregate(node.text);
    plan::Call call;
    call.name = name;
    call.function = function.function;
    const bool is_quantile = function.function == plan::Function::kQuantile;
    const bool of_rows = function.function == plan::Function::kCount &&
                         (node.children.empty() || node.children[0]->kind == Kind::kStar);
    if (node.children.size() > (is_quantile ? 2u : 1u) ||
        (!of_rows && node.children.size() < (is_quantile ? 2u : 1u))) {
      return builder_.compiler().WrongArguments(node, function.form);
    }
    Type type = Type::kAny;
    if (!of_rows) {
      const Node& argument = *node.children[0];
      if (HasAggregate(argument)) {
        return lexer_.ErrorAt(argument.begin, "an aggregate of an aggregate: use a second stats");
      }
      TAFFRAIL_ASSIGN_OR_RETURN(Compiler::Field field, builder_.FieldFor(argument));
      const bool keeps_type =
          function.function == plan::Function::kMin || function.function == plan::Function::kMax ||
          function.function == plan::Function::kFirst || function.function == plan::Function::kLast;
      if (keeps_type) type = field.type;
      call.field = std::move(field.ref);
      call.has_field = true;
    }
    if (is_quantile) TAFFRAIL_RETURN_IF_ERROR(ReadPercent(*node.children[1], call.quantile));
    if (call.function == plan::Function::kFirst || call.function == plan::Function::kLast) {
      by_time_ = node.begin + 1;
    }
    aggregate_.calls.push_back(std::move(call));
    columns_.emplace_back(name, type);
    return absl::OkStatus();
  }

  absl::Status ReadPercent(const Node& node, double& quantile) const {
    double percent = -1;
    if (node.kind != Kind::kNumber || !expr::ParseNumber(node.text, percent) || percent < 0 ||
        percent > 100) {
      return lexer_.ErrorAt(node.begin, "expected a percentage from 0 to 100, such as 95 or 99.9");
    }
    quantile = percent / 100;
    return absl::OkStatus();
  }

  absl::Status Emit() {
    if (by_time_ > 0) TAFFRAIL_RETURN_IF_ERROR(SortByTime());
    if (aggregate_.calls.empty() && !computed_.empty()) {
      return lexer_.ErrorAt(computed_[0].node->begin, "expected an aggregate, such as count(*)");
    }
    builder_.plan().stages.emplace_back(aggregate_);
    builder_.BecomeTable(columns_);
    for (const Computed& computed : computed_) {
      TAFFRAIL_ASSIGN_OR_RETURN(Typed held, builder_.compiler().Held(*computed.node, builder_.scope()));
      builder_.Extend(computed.name, std::move(held.scalar));
      builder_.scope().Create(computed.name, held.type);
    }
    if (!computed_.empty()) Choose();
    return absl::OkStatus();
  }

  // The columns that were asked for, in the order in which they were.
  void Choose() {
    plan::Project project;
    std::vector<std::pair<std::string, Type>> columns;
    for (const std::string& name : shown_) {
      project.columns.push_back({name, {Source::kField, name}});
      columns.emplace_back(name, builder_.scope().created.at(name));
    }
    builder_.plan().stages.emplace_back(std::move(project));
    builder_.BecomeTable(std::move(columns));
  }

  // earliest() and latest() are by the time of the lines, whatever order they are in.
  absl::Status SortByTime() {
    plan::SortKey key{.field = {Source::kTimestamp, ""}};
    if (builder_.scope().is_table) {
      if (!builder_.scope().Has("@timestamp")) {
        return lexer_.ErrorAt(by_time_ - 1,
                              "earliest() and latest() are by @timestamp, which an earlier stats has left "
                              "behind; use sortsFirst(), sortsLast(), min() or max()");
      }
      key.field = {Source::kField, "@timestamp"};
    }
    const auto& stages = builder_.plan().stages;
    const bool is_unordered = std::all_of(stages.begin(), stages.end(), [](const plan::Stage& stage) {
      return std::holds_alternative<plan::Filter>(stage) || std::holds_alternative<plan::Extend>(stage) ||
             std::holds_alternative<plan::ParseFields>(stage) || std::holds_alternative<plan::Rename>(stage);
    });
    if (is_unordered) {  // then the source may give them so
      builder_.plan().source.order = plan::Order::kAscending;
    } else {
      builder_.plan().stages.emplace_back(plan::Sort{{std::move(key)}});
    }
    return absl::OkStatus();
  }

  Lexer& lexer_;
  Builder& builder_;
  Aggregate aggregate_;
  std::vector<Computed> computed_;
  std::vector<std::pair<std::string, Type>> columns_;  // of the aggregate
  std::vector<std::string> shown_;
  std::set<std::string> names_;
  size_t by_time_ = 0;  // 1 + where earliest() or latest() stands
};

}  // namespace

absl::Status ParseStats(Lexer& lexer, Builder& builder) { return Stats(lexer, builder).Parse(); }

}  // namespace taffrail::query::lang::insights
