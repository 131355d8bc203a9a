// Metric queries: from range aggregations of log queries, over vectors, to their combinations.
//
//   metric    := unary { operator [ "bool" ] [ matching ] unary }         by precedence, as below
//   unary     := "(" metric ")" | number | "vector" "(" number ")"
//              | range_fn "(" [ number "," ] range ")" [ grouping ]
//              | vector_fn [ grouping ] "(" [ number "," ] metric ")" [ grouping ]
//              | "label_replace" "(" metric "," text "," text "," text "," text ")"
//   range     := pipeline "[" duration "]" [ "offset" duration ] | "(" range ")"
//                the brackets stand after the selector or at any later place of the pipeline
//   matching  := ("on" | "ignoring") "(" names ")" [ ("group_left" | "group_right") [ "(" names ")" ] ]
//   grouping  := ("by" | "without") "(" names ")"
//
//   or  <  and unless  <  == != > >= < <=  <  + -  <  * / %  <  ^ (from the right)
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "query/lang/logql/label_filter.h"
#include "query/lang/logql/lexer.h"
#include "query/plan/plan.h"

namespace taffrail::query::lang::logql {

class MetricParser {
 public:
  // A number, or a plan that ends in series.
  struct Value {
    bool is_scalar = false;
    double scalar = 0;
    plan::Plan plan;
    // A range aggregation of lines in which nothing reads a label but the aggregation itself.
    bool reads_no_label = false;
  };

  MetricParser(TokenReader& reader, ConditionCheck& check, const plan::Grid& grid, int64_t now_ns)
      : reader_(reader), check_(check), grid_(grid), now_ns_(now_ns) {}

  // Whether what stands here begins a metric query, parentheses before it passed over.
  static bool Begins(const TokenReader& reader);

  absl::StatusOr<Value> Parse() { return ParseBinary(0, 0); }

 private:
  struct Operator {
    plan::BinaryOperator op = plan::BinaryOperator::kAdd;
    int precedence = 0;
    size_t offset = 0;
    std::string_view name;
    bool returns_bool = false;
    plan::Join matching;
  };

  absl::StatusOr<Value> ParseBinary(int lowest, int depth);
  absl::StatusOr<Value> ParseUnary(int depth);
  absl::StatusOr<Value> ParseNumber();
  absl::StatusOr<Value> ParseVectorConstant();
  absl::StatusOr<Value> ParseLabelReplace(int depth);
  absl::StatusOr<Value> ParseRangeAggregate();
  absl::StatusOr<Value> ParseVectorAggregate(int depth);
  absl::Status ParseRange(plan::RangeAggregate& range, Value& value, bool& has_unwrap);
  absl::Status ParseRangeBrackets(plan::RangeAggregate& range);
  absl::Status CheckRange(const Token& name, const plan::RangeAggregate& range, bool has_unwrap) const;
  absl::StatusOr<Value> Combine(Value left, const Operator& op, Value right);
  absl::StatusOr<Value> CombineScalars(double left, const Operator& op, double right) const;
  bool PeekOperator(Operator& op) const;
  absl::Status ParseModifiers(Operator& op);
  bool AtGrouping() const;
  absl::Status ParseGrouping(plan::Grouping& grouping);
  absl::Status ParseNames(std::vector<std::string>& names);
  absl::Status Expect(std::string_view symbol);
  absl::StatusOr<double> TakeNumber();
  absl::StatusOr<int64_t> TakeDuration(std::string_view what);
  absl::Status Push(Value& value, plan::Stage stage);

  TokenReader& reader_;
  ConditionCheck& check_;
  const plan::Grid grid_;
  const int64_t now_ns_;
};

}  // namespace taffrail::query::lang::logql
