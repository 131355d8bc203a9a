#include "query/lang/logql/metric.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <re2/re2.h>

#include "fmt/format.h"
#include "query/lang/logql/pipeline.h"

namespace taffrail::query::lang::logql {
namespace {

using plan::BinaryOperator;
using plan::RangeFunction;
using plan::VectorFunction;
using Type = Token::Type;

// Parentheses, functions and operators in each other: people write a handful.
constexpr int kMaxDepth = 64;

struct RangeName {
  std::string_view name;
  RangeFunction function;
  bool takes_unwrap;  // may have one
  bool needs_unwrap;  // must
  bool takes_grouping;
};

constexpr RangeName kRangeNames[] = {
    {"count_over_time", RangeFunction::kCount, false, false, false},
    {"rate", RangeFunction::kRate, true, false, false},
    {"rate_counter", RangeFunction::kCounterRate, true, true, false},
    {"bytes_over_time", RangeFunction::kBytes, false, false, false},
    {"bytes_rate", RangeFunction::kBytesRate, false, false, false},
    {"absent_over_time", RangeFunction::kAbsent, true, false, false},
    {"sum_over_time", RangeFunction::kSum, true, true, false},
    {"avg_over_time", RangeFunction::kAvg, true, true, true},
    {"min_over_time", RangeFunction::kMin, true, true, true},
    {"max_over_time", RangeFunction::kMax, true, true, true},
    {"first_over_time", RangeFunction::kFirst, true, true, true},
    {"last_over_time", RangeFunction::kLast, true, true, true},
    {"stdvar_over_time", RangeFunction::kStdvar, true, true, true},
    {"stddev_over_time", RangeFunction::kStddev, true, true, true},
    {"quantile_over_time", RangeFunction::kQuantile, true, true, true},
};

constexpr std::pair<std::string_view, VectorFunction> kVectorNames[] = {
    {"sum", VectorFunction::kSum},         {"avg", VectorFunction::kAvg},
    {"min", VectorFunction::kMin},         {"max", VectorFunction::kMax},
    {"count", VectorFunction::kCount},     {"stddev", VectorFunction::kStddev},
    {"stdvar", VectorFunction::kStdvar},   {"topk", VectorFunction::kTopK},
    {"bottomk", VectorFunction::kBottomK}, {"approx_topk", VectorFunction::kTopK},
    {"sort", VectorFunction::kSort},       {"sort_desc", VectorFunction::kSortDescending},
};

struct OperatorName {
  std::string_view name;
  BinaryOperator op;
  int precedence;
};

constexpr int kPowerPrecedence = 6;

constexpr OperatorName kOperators[] = {
    {"or", BinaryOperator::kOr, 1},
    {"and", BinaryOperator::kAnd, 2},
    {"unless", BinaryOperator::kUnless, 2},
    {"==", BinaryOperator::kEqual, 3},
    {"!=", BinaryOperator::kNotEqual, 3},
    {">", BinaryOperator::kGreater, 3},
    {">=", BinaryOperator::kGreaterEqual, 3},
    {"<", BinaryOperator::kLess, 3},
    {"<=", BinaryOperator::kLessEqual, 3},
    {"+", BinaryOperator::kAdd, 4},
    {"-", BinaryOperator::kSubtract, 4},
    {"*", BinaryOperator::kMultiply, 5},
    {"/", BinaryOperator::kDivide, 5},
    {"%", BinaryOperator::kModulo, 5},
    {"^", BinaryOperator::kPower, kPowerPrecedence},
};

bool IsSet(BinaryOperator op) {
  return op == BinaryOperator::kAnd || op == BinaryOperator::kOr || op == BinaryOperator::kUnless;
}
bool IsComparison(BinaryOperator op) {
  return op >= BinaryOperator::kEqual && op <= BinaryOperator::kLessEqual;
}

const RangeName* FindRange(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kRangeNames), std::end(kRangeNames),
                                         [&](const RangeName& entry) { return entry.name == name; });
  return found == std::end(kRangeNames) ? nullptr : found;
}

const VectorFunction* FindVector(std::string_view name) {
  for (const auto& [known, function] : kVectorNames) {
    if (known == name) return &function;
  }
  return nullptr;
}

// a - b, as far as an int64 goes.
int64_t Minus(int64_t a, int64_t b) {
  int64_t result = 0;
  if (!__builtin_sub_overflow(a, b, &result)) return result;
  return b > 0 ? INT64_MIN : INT64_MAX;
}

// The label that became the value is none of the series, unless `by` asks for it.
void DropUnwrapped(const plan::Plan& plan, plan::RangeAggregate& range) {
  if (range.function == RangeFunction::kRate) range.function = RangeFunction::kSumRate;
  for (const plan::Stage& stage : plan.stages) {
    const auto* const unwrap = std::get_if<plan::Unwrap>(&stage);
    if (unwrap == nullptr) continue;
    if (!range.grouping) range.grouping.emplace().without = true;
    if (range.grouping->without) range.grouping->labels.push_back(unwrap->field);
  }
}

// Loki does not parse when nothing reads what it finds, so that lines in another format are no error:
// sum(count_over_time({} | json [5m])) counts all lines, and dashboards lean on it.
void LeaveUnparsed(plan::Plan& plan) {
  std::erase_if(plan.stages, [](const plan::Stage& stage) {
    const auto* const parse = std::get_if<plan::ParseFields>(&stage);
    return parse != nullptr && (parse->format == plan::ParseFields::Format::kJson ||
                                parse->format == plan::ParseFields::Format::kLogfmt);
  });
}

bool CountsLines(RangeFunction function) {
  return function == RangeFunction::kCount || function == RangeFunction::kRate ||
         function == RangeFunction::kBytes || function == RangeFunction::kBytesRate;
}

}  // namespace

bool MetricParser::Begins(const TokenReader& reader) {
  TokenReader ahead = reader;
  while (ahead.Peek().Is("(")) ahead.Take();
  const Token& first = ahead.Peek();
  return first.type == Type::kName || first.type == Type::kNumber || first.Is("-") || first.Is("+");
}

absl::StatusOr<MetricParser::Value> MetricParser::ParseBinary(int lowest, int depth) {
  TAFFRAIL_ASSIGN_OR_RETURN(Value left, ParseUnary(depth));
  while (true) {
    Operator op;
    if (!PeekOperator(op) || op.precedence < lowest) return left;
    reader_.Take();
    TAFFRAIL_RETURN_IF_ERROR(ParseModifiers(op));
    const int next = op.precedence == kPowerPrecedence ? op.precedence : op.precedence + 1;
    if (depth >= kMaxDepth) return reader_.Error(fmt::format("the query nests deeper than {}", kMaxDepth));
    TAFFRAIL_ASSIGN_OR_RETURN(Value right, ParseBinary(next, depth + 1));
    TAFFRAIL_ASSIGN_OR_RETURN(left, Combine(std::move(left), op, std::move(right)));
  }
}

bool MetricParser::PeekOperator(Operator& op) const {
  for (const OperatorName& known : kOperators) {
    const bool is_word = known.name[0] >= 'a' && known.name[0] <= 'z';
    if (is_word ? !reader_.AtKeyword(known.name) : !reader_.Peek().Is(known.name)) continue;
    op.op = known.op;
    op.precedence = known.precedence;
    op.offset = reader_.Peek().offset;
    op.name = known.name;
    return true;
  }
  return false;
}

absl::Status MetricParser::ParseModifiers(Operator& op) {
  const size_t bool_offset = reader_.Peek().offset;
  op.returns_bool = reader_.TakeKeyword("bool");
  if (op.returns_bool && !IsComparison(op.op)) {
    return reader_.ErrorAt(bool_offset, "bool modifier can only be used on comparison operators");
  }
  if (reader_.TakeKeyword("on")) {
    op.matching.match = plan::Join::Match::kOn;
  } else if (reader_.TakeKeyword("ignoring")) {
    op.matching.match = plan::Join::Match::kIgnoring;
  } else {
    return absl::OkStatus();
  }
  TAFFRAIL_RETURN_IF_ERROR(ParseNames(op.matching.labels));
  const size_t group_offset = reader_.Peek().offset;
  if (reader_.TakeKeyword("group_left")) {
    op.matching.cardinality = plan::Join::Cardinality::kManyToOne;
  } else if (reader_.TakeKeyword("group_right")) {
    op.matching.cardinality = plan::Join::Cardinality::kOneToMany;
  } else {
    return absl::OkStatus();
  }
  if (IsSet(op.op)) {
    return reader_.ErrorAt(group_offset, fmt::format("no grouping allowed for {} operation", op.name));
  }
  // "(" may also begin the right side: names and a closing parenthesis are the labels, as in Loki's grammar.
  if (!reader_.Peek().Is("(")) return absl::OkStatus();
  TokenReader ahead = reader_;
  ahead.Take();
  while (ahead.Peek().type == Type::kName || ahead.Peek().Is(",")) ahead.Take();
  return ahead.Peek().Is(")") ? ParseNames(op.matching.include) : absl::OkStatus();
}

absl::StatusOr<MetricParser::Value> MetricParser::ParseUnary(int depth) {
  if (depth > kMaxDepth) return reader_.Error(fmt::format("the query nests deeper than {}", kMaxDepth));
  const Token& token = reader_.Peek();
  if (token.Is("(")) {
    const size_t begin = reader_.Take().offset;
    TAFFRAIL_ASSIGN_OR_RETURN(Value inner, ParseBinary(0, depth + 1));
    if (!reader_.TakeSymbol(")")) {
      return reader_.Peek().type == Type::kEnd ? reader_.ErrorAt(begin, "this '(' is never closed")
                                               : reader_.Error("expected an operator or ')'");
    }
    return inner;
  }
  if (token.type == Type::kNumber || token.Is("-") || token.Is("+")) return ParseNumber();
  if (token.type == Type::kName) {
    if (FindRange(token.source) != nullptr) return ParseRangeAggregate();
    if (FindVector(token.source) != nullptr) return ParseVectorAggregate(depth);
    if (token.source == "label_replace") return ParseLabelReplace(depth);
    if (token.source == "vector") return ParseVectorConstant();
    return reader_.Error(
        fmt::format("there is no function \"{}\"; there are count_over_time, rate, sum, topk and "
                    "others (docs/query-logql.md)",
                    token.source));
  }
  if (token.Is("{")) {
    return reader_.Error(
        "a log query is no value: count its lines, as in count_over_time({app=\"api\"}[5m])");
  }
  return reader_.Error("expected a function, a number or '('");
}

absl::StatusOr<MetricParser::Value> MetricParser::ParseNumber() {
  double sign = 1;
  while (reader_.Peek().Is("-") || reader_.Peek().Is("+")) sign *= reader_.Take().Is("-") ? -1 : 1;
  TAFFRAIL_ASSIGN_OR_RETURN(const double number, TakeNumber());
  Value value;
  value.is_scalar = true;
  value.scalar = sign * number;
  return value;
}

absl::StatusOr<MetricParser::Value> MetricParser::ParseVectorConstant() {
  reader_.Take();
  TAFFRAIL_RETURN_IF_ERROR(Expect("("));
  TAFFRAIL_ASSIGN_OR_RETURN(const Value number, ParseNumber());
  TAFFRAIL_RETURN_IF_ERROR(Expect(")"));
  Value value;
  value.plan.source.constant = plan::ConstantVector{number.scalar, grid_};
  return value;
}

absl::StatusOr<MetricParser::Value> MetricParser::ParseLabelReplace(int depth) {
  const size_t begin = reader_.Take().offset;
  TAFFRAIL_RETURN_IF_ERROR(Expect("("));
  TAFFRAIL_ASSIGN_OR_RETURN(Value value, ParseBinary(0, depth + 1));
  if (value.is_scalar) return reader_.ErrorAt(begin, "label_replace works on a vector, not on a number");
  plan::LabelReplace replace;
  size_t regex_offset = 0;
  for (std::string* const text :
       {&replace.destination, &replace.replacement, &replace.source, &replace.regex}) {
    TAFFRAIL_RETURN_IF_ERROR(Expect(","));
    regex_offset = reader_.Peek().offset;
    if (reader_.Peek().type != Type::kText)
      return reader_.Error("expected a text in double quotes or backticks");
    *text = reader_.Take().text;
  }
  TAFFRAIL_RETURN_IF_ERROR(Expect(")"));
  const RE2 regex(replace.regex, RE2::Quiet);
  if (!regex.ok()) return reader_.ErrorAt(regex_offset, "bad regular expression: " + regex.error());
  TAFFRAIL_RETURN_IF_ERROR(Push(value, std::move(replace)));
  return value;
}

absl::StatusOr<MetricParser::Value> MetricParser::ParseRangeAggregate() {
  const Token& name = reader_.Take();
  const RangeName& known = *FindRange(name.source);
  plan::RangeAggregate range;
  range.function = known.function;
  range.grid = grid_;
  TAFFRAIL_RETURN_IF_ERROR(Expect("("));
  if (known.function == RangeFunction::kQuantile) {
    TAFFRAIL_ASSIGN_OR_RETURN(const Value quantile, ParseNumber());
    range.quantile = quantile.scalar;
    TAFFRAIL_RETURN_IF_ERROR(Expect(","));
  } else if (reader_.Peek().type == Type::kNumber) {
    return reader_.Error(
        fmt::format("parameter {} not supported for operation {}", reader_.Peek().source, name.source));
  }
  Value value;
  bool has_unwrap = false;
  TAFFRAIL_RETURN_IF_ERROR(ParseRange(range, value, has_unwrap));
  TAFFRAIL_RETURN_IF_ERROR(Expect(")"));
  if (AtGrouping()) TAFFRAIL_RETURN_IF_ERROR(ParseGrouping(range.grouping.emplace()));
  TAFFRAIL_RETURN_IF_ERROR(CheckRange(name, range, has_unwrap));
  if (has_unwrap) DropUnwrapped(value.plan, range);
  plan::TimeRange& wanted = value.plan.source.range;
  wanted.from_ns = Minus(Minus(grid_.from_ns, range.offset_ns), range.range_ns - 1);
  wanted.to_ns = Minus(Minus(grid_.to_ns, range.offset_ns), -1);
  value.plan.source.order = plan::Order::kAscending;
  TAFFRAIL_RETURN_IF_ERROR(Push(value, std::move(range)));
  return value;
}

absl::Status MetricParser::CheckRange(const Token& name, const plan::RangeAggregate& range,
                                      bool has_unwrap) const {
  const RangeName& known = *FindRange(name.source);
  if (range.grouping && !known.takes_grouping) {
    return reader_.ErrorAt(name.offset, fmt::format("grouping not allowed for {} aggregation", name.source));
  }
  if (has_unwrap && !known.takes_unwrap) {
    return reader_.ErrorAt(name.offset, fmt::format("invalid aggregation {} with unwrap", name.source));
  }
  if (!has_unwrap && known.needs_unwrap) {
    return reader_.ErrorAt(name.offset, fmt::format("invalid aggregation {} without unwrap", name.source));
  }
  return absl::OkStatus();
}

absl::Status MetricParser::ParseRange(plan::RangeAggregate& range, Value& value, bool& has_unwrap) {
  std::vector<size_t> open;
  while (reader_.Peek().Is("(")) {
    open.push_back(reader_.Take().offset);
    if (open.size() > kMaxDepth)
      return reader_.Error(fmt::format("the query nests deeper than {}", kMaxDepth));
  }
  PipelineParser pipeline(reader_, check_, now_ns_);
  TAFFRAIL_RETURN_IF_ERROR(pipeline.ParseSelector());
  bool has_range = false;
  while (true) {
    if (reader_.Peek().Is("[")) {
      if (has_range) return reader_.Error("a second range");
      TAFFRAIL_RETURN_IF_ERROR(ParseRangeBrackets(range));
      has_range = true;
    } else if (pipeline.AtUnwrap()) {
      TAFFRAIL_RETURN_IF_ERROR(pipeline.ParseUnwrap());
    } else if (pipeline.AtStage()) {
      if (pipeline.has_unwrap() && !reader_.Peek().Is("|")) {
        return reader_.Error("after unwrap there can only be label filters");
      }
      TAFFRAIL_RETURN_IF_ERROR(pipeline.ParseStage());
    } else if (!open.empty() && reader_.Peek().Is(")")) {
      reader_.Take();
      open.pop_back();
    } else {
      break;
    }
  }
  if (!open.empty()) return reader_.ErrorAt(open.back(), "this '(' is never closed");
  if (!has_range) return reader_.Error("expected a range such as [5m]");
  pipeline.MakeEntries();
  has_unwrap = pipeline.has_unwrap();
  if (range.function == RangeFunction::kAbsent) range.absent_labels = pipeline.equal_labels();
  value.reads_no_label = !pipeline.reads_labels() && !range.grouping;
  TAFFRAIL_ASSIGN_OR_RETURN(value.plan, pipeline.Finish());
  if (value.reads_no_label && range.function == RangeFunction::kAbsent) LeaveUnparsed(value.plan);
  return absl::OkStatus();
}

absl::Status MetricParser::ParseRangeBrackets(plan::RangeAggregate& range) {
  reader_.Take();
  const size_t begin = reader_.Peek().offset;
  TAFFRAIL_ASSIGN_OR_RETURN(range.range_ns, TakeDuration("a range"));
  if (range.range_ns <= 0) return reader_.ErrorAt(begin, "a range must be longer than nothing");
  if (!reader_.TakeSymbol("]")) return reader_.Error("expected ']' after the range");
  if (!reader_.TakeKeyword("offset")) return absl::OkStatus();
  TAFFRAIL_ASSIGN_OR_RETURN(range.offset_ns, TakeDuration("an offset"));
  return absl::OkStatus();
}

absl::StatusOr<MetricParser::Value> MetricParser::ParseVectorAggregate(int depth) {
  const Token& name = reader_.Take();
  plan::VectorAggregate aggregate;
  aggregate.function = *FindVector(name.source);
  const bool sorts =
      aggregate.function == VectorFunction::kSort || aggregate.function == VectorFunction::kSortDescending;
  const bool has_k =
      aggregate.function == VectorFunction::kTopK || aggregate.function == VectorFunction::kBottomK;
  bool grouped = AtGrouping();
  if (grouped) TAFFRAIL_RETURN_IF_ERROR(ParseGrouping(aggregate.grouping));
  TAFFRAIL_RETURN_IF_ERROR(Expect("("));
  if (has_k) {
    const size_t begin = reader_.Peek().offset;
    if (reader_.Peek().type != Type::kNumber) {
      return reader_.Error(fmt::format("parameter required for operation {}", name.source));
    }
    TAFFRAIL_ASSIGN_OR_RETURN(const double k, TakeNumber());
    if (!(k >= 1) || k != std::floor(k) || k > 1e9) {
      return reader_.ErrorAt(begin,
                             fmt::format("invalid parameter (must be greater than 0) {}(", name.source));
    }
    aggregate.k = static_cast<int64_t>(k);
    TAFFRAIL_RETURN_IF_ERROR(Expect(","));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(Value value, ParseBinary(0, depth + 1));
  if (!has_k && reader_.Peek().Is(",")) {
    return reader_.Error(fmt::format("unsupported parameter for operation {}", name.source));
  }
  TAFFRAIL_RETURN_IF_ERROR(Expect(")"));
  if (value.is_scalar)
    return reader_.ErrorAt(name.offset, fmt::format("{} works on a vector, not on a number", name.source));
  if (AtGrouping()) {
    if (grouped) return reader_.Error("a second grouping");
    TAFFRAIL_RETURN_IF_ERROR(ParseGrouping(aggregate.grouping));
    grouped = true;
  }
  if (grouped && (sorts || name.source == "approx_topk")) {
    return reader_.ErrorAt(name.offset, fmt::format("grouping not allowed for {} aggregation", name.source));
  }
  const auto* const range =
      value.plan.stages.empty() ? nullptr : std::get_if<plan::RangeAggregate>(&value.plan.stages.back());
  const bool is_whole = !aggregate.grouping.without && aggregate.grouping.labels.empty();
  if (value.reads_no_label && range != nullptr && CountsLines(range->function) && is_whole &&
      aggregate.function == VectorFunction::kSum) {
    LeaveUnparsed(value.plan);
  }
  TAFFRAIL_RETURN_IF_ERROR(Push(value, std::move(aggregate)));
  return value;
}

absl::StatusOr<MetricParser::Value> MetricParser::CombineScalars(double left, const Operator& op,
                                                                 double right) const {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  Value value;
  value.is_scalar = true;
  switch (op.op) {
    case BinaryOperator::kAdd:
      value.scalar = left + right;
      return value;
    case BinaryOperator::kSubtract:
      value.scalar = left - right;
      return value;
    case BinaryOperator::kMultiply:
      value.scalar = left * right;
      return value;
    case BinaryOperator::kDivide:
      value.scalar = right == 0 ? kNaN : left / right;
      return value;
    case BinaryOperator::kModulo:
      value.scalar = right == 0 ? kNaN : std::fmod(left, right);
      return value;
    case BinaryOperator::kPower:
      value.scalar = std::pow(left, right);
      return value;
    case BinaryOperator::kEqual:
      value.scalar = left == right ? 1 : 0;
      return value;
    case BinaryOperator::kNotEqual:
      value.scalar = left != right ? 1 : 0;
      return value;
    case BinaryOperator::kGreater:
      value.scalar = left > right ? 1 : 0;
      return value;
    case BinaryOperator::kGreaterEqual:
      value.scalar = left >= right ? 1 : 0;
      return value;
    case BinaryOperator::kLess:
      value.scalar = left < right ? 1 : 0;
      return value;
    case BinaryOperator::kLessEqual:
      value.scalar = left <= right ? 1 : 0;
      return value;
    default:
      return reader_.ErrorAt(op.offset, fmt::format("{} combines vectors, not numbers", op.name));
  }
}

absl::StatusOr<MetricParser::Value> MetricParser::Combine(Value left, const Operator& op, Value right) {
  if (left.is_scalar && right.is_scalar) return CombineScalars(left.scalar, op, right.scalar);
  if (left.is_scalar || right.is_scalar) {
    if (IsSet(op.op)) {
      return reader_.ErrorAt(
          op.offset, fmt::format("unexpected literal for {} side of logical/set binary operation ({})",
                                 left.is_scalar ? "left" : "right", op.name));
    }
    if (op.matching.match != plan::Join::Match::kAll) {
      return reader_.ErrorAt(op.offset,
                             "on and ignoring match the labels of two vectors, and one side is a number");
    }
    plan::ScalarOperation operation{.op = op.op,
                                    .scalar = left.is_scalar ? left.scalar : right.scalar,
                                    .scalar_left = left.is_scalar,
                                    .returns_bool = op.returns_bool};
    Value& vector = left.is_scalar ? right : left;
    TAFFRAIL_RETURN_IF_ERROR(Push(vector, operation));
    return std::move(vector);
  }
  plan::Join join = op.matching;
  join.op = op.op;
  join.returns_bool = op.returns_bool;
  join.right = std::make_shared<const plan::Plan>(std::move(right.plan));
  TAFFRAIL_RETURN_IF_ERROR(Push(left, std::move(join)));
  return left;
}

absl::Status MetricParser::Push(Value& value, plan::Stage stage) {
  if (value.plan.stages.size() >= plan::kMaxStages) {
    return reader_.Error(fmt::format("more than {} operations on one vector", plan::kMaxStages));
  }
  value.plan.stages.push_back(std::move(stage));
  return absl::OkStatus();
}

bool MetricParser::AtGrouping() const { return reader_.AtKeyword("by") || reader_.AtKeyword("without"); }

absl::Status MetricParser::ParseGrouping(plan::Grouping& grouping) {
  grouping.without = reader_.AtKeyword("without");
  reader_.Take();
  return ParseNames(grouping.labels);
}

absl::Status MetricParser::ParseNames(std::vector<std::string>& names) {
  TAFFRAIL_RETURN_IF_ERROR(Expect("("));
  while (!reader_.TakeSymbol(")")) {
    if (reader_.Peek().type != Type::kName) return reader_.Error("expected the name of a label, or ')'");
    names.emplace_back(reader_.Take().source);
    if (!reader_.TakeSymbol(",") && !reader_.Peek().Is(")")) return reader_.Error("expected ',' or ')'");
    if (names.size() > plan::kMaxColumns)
      return reader_.Error(fmt::format("more than {} labels", plan::kMaxColumns));
  }
  return absl::OkStatus();
}

absl::Status MetricParser::Expect(std::string_view symbol) {
  if (reader_.TakeSymbol(symbol)) return absl::OkStatus();
  return reader_.Error(fmt::format("expected '{}'", symbol));
}

absl::StatusOr<double> MetricParser::TakeNumber() {
  const Token& token = reader_.Peek();
  if (token.type != Type::kNumber || token.unit != expr::Expr::Unit::kNone)
    return reader_.Error("expected a number");
  return reader_.Take().number;
}

absl::StatusOr<int64_t> MetricParser::TakeDuration(std::string_view what) {
  double sign = 1;
  while (reader_.Peek().Is("-")) {
    reader_.Take();
    sign = -sign;
  }
  const Token& token = reader_.Peek();
  const bool is_duration = token.type == Type::kNumber && token.unit == expr::Expr::Unit::kDuration;
  if (!is_duration || !(std::abs(token.number) < 9.2e18)) {
    return reader_.Error(fmt::format("expected {} such as 5m", what));
  }
  return static_cast<int64_t>(sign * reader_.Take().number);
}

}  // namespace taffrail::query::lang::logql
