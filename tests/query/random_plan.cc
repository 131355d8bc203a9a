#include "query/random_plan.h"

#include <string>
#include <vector>

#include "query/sample.h"

namespace taffrail::query_test {
namespace {

using expr::Expr;
using expr::ExprPtr;
using expr::FieldRef;
using Source = expr::FieldRef::Source;
using query::plan::Aggregate;
using query::plan::Call;
using query::plan::Dedup;
using query::plan::Filter;
using query::plan::Function;
using query::plan::Limit;
using query::plan::Plan;
using query::plan::Project;
using query::plan::Sort;
using query::plan::SortKey;
using query::plan::Unnest;

const char* const kNames[] = {"a",     "b",   "status", "message",       "user",
                              "ip",    "a.b", "a_b",    "app",           "level",
                              "trace", "a.a", "user_a", "app_extracted", "none"};
const char* const kTexts[] = {"timeout",  "200",          "200.0", "2e2", "",     "ERROR",           "error",
                              "10.1.2.3", "req_8f4e2b1c", "true",  "api", "prod", "Request timeout", "{}",
                              "[]",       "a b",          "größe", "-5",  "café", "WARNING"};
const char* const kNeedles[] = {"timeout",   "time", "\"a\":", "20",  "req_8f4e2b1c", "nline", "\\n",
                                " ",         "",     "ERROR",  "t",   "null",         "u00e9", "say \\\"",
                                "user\":\"", "}",    "15.9",   "prod"};
const char* const kRegexes[] = {"^t", "20+", "timeout|ERROR", "(?i)error", "\"a\":[0-9]", "", ".",
                                "^$", "a.b"};
const char* const kPatterns[] = {"*", "t*", "*out*", "20?", "*.*", "req_????????", "a b"};
const char* const kNetworks[] = {"10.0.0.0/8", "192.168.0.0/28", "10.1.2.3", "0.0.0.0/0",
                                 "10.0.0.1-10.1.2.3"};
const double kBounds[] = {0, 0.1, 200, -5, 15.9, 1e299, 404};

FieldRef RandomField(std::mt19937_64& random) {
  const Source kNamed[] = {Source::kField,  Source::kField, Source::kField, Source::kPath,
                           Source::kStream, Source::kLabel, Source::kLogql};
  if (random() % 6 != 0) return {Pick(random, kNamed), Pick(random, kNames)};
  const Source kOthers[] = {Source::kLine, Source::kLevel,     Source::kMessage,
                            Source::kAny,  Source::kTimestamp, Source::kSequence};
  return {Pick(random, kOthers), ""};
}

bool IsPlace(const FieldRef& field) {
  return field.source == Source::kTimestamp || field.source == Source::kSequence;
}

// A comparison with the time or the number of a record.
ExprPtr RandomPlaceLeaf(std::mt19937_64& random, Source source) {
  const Expr::Op kOps[] = {Expr::Op::kEqual, Expr::Op::kLess, Expr::Op::kLessEqual, Expr::Op::kGreater,
                           Expr::Op::kGreaterEqual};
  Expr expr;
  expr.op = Pick(random, kOps);
  expr.field = {source, ""};
  expr.text = source == Source::kSequence ? std::to_string(random() % 220)
                                          : std::to_string(random() % 200 * 500'000'000);
  return expr::Make(std::move(expr));
}

void FillOperand(std::mt19937_64& random, Expr& expr) {
  switch (expr.op) {
    case Expr::Op::kIn:
      for (size_t i = random() % 3; i > 0; --i) expr.texts.emplace_back(Pick(random, kTexts));
      return;
    case Expr::Op::kRegex:
      expr.text = Pick(random, kRegexes);
      expr.anchored = random() % 2 != 0;
      return;
    case Expr::Op::kContains:
    case Expr::Op::kPhrase:
      expr.text = Pick(random, kNeedles);
      return;
    case Expr::Op::kWildcard:
      expr.text = Pick(random, kPatterns);
      return;
    case Expr::Op::kInNetwork:
      expr.text = Pick(random, kNetworks);
      return;
    case Expr::Op::kExists:
      expr.non_null = random() % 2 == 0;
      return;
    default:
      expr.text = Pick(random, kTexts);
  }
}

ExprPtr RandomLeaf(std::mt19937_64& random) {
  const Expr::Op kOps[] = {Expr::Op::kEqual,        Expr::Op::kEqual,    Expr::Op::kLess,
                           Expr::Op::kLessEqual,    Expr::Op::kGreater,  Expr::Op::kIn,
                           Expr::Op::kGreaterEqual, Expr::Op::kExists,   Expr::Op::kRegex,
                           Expr::Op::kPhrase,       Expr::Op::kContains, Expr::Op::kWildcard,
                           Expr::Op::kInNetwork};
  Expr expr;
  expr.op = Pick(random, kOps);
  expr.field = RandomField(random);
  if (IsPlace(expr.field)) return RandomPlaceLeaf(random, expr.field.source);
  const bool ordering = expr.op == Expr::Op::kLess || expr.op == Expr::Op::kLessEqual ||
                        expr.op == Expr::Op::kGreater || expr.op == Expr::Op::kGreaterEqual;
  if (ordering && random() % 3 != 0) {
    const Expr::Unit kUnits[] = {Expr::Unit::kNone, Expr::Unit::kNone, Expr::Unit::kNone,
                                 Expr::Unit::kDuration, Expr::Unit::kBytes};
    expr.is_number = true;
    expr.number = Pick(random, kBounds);
    const bool texts = expr.field.source == Source::kLabel || expr.field.source == Source::kLogql;
    if (texts) expr.unit = Pick(random, kUnits);
    if (expr.unit == Expr::Unit::kDuration) expr.number *= 1e7;
  } else {
    FillOperand(random, expr);
    expr.ignore_case = random() % 3 == 0;
  }
  expr.missing_is_empty = random() % 4 == 0;
  return expr::Make(std::move(expr));
}

Call RandomCall(std::mt19937_64& random, std::string name, FieldRef field) {
  const Function kFunctions[] = {Function::kCount,    Function::kCountDistinct, Function::kSum,
                                 Function::kAvg,      Function::kMin,           Function::kMax,
                                 Function::kQuantile, Function::kCount,         Function::kShare};
  const double kQuantiles[] = {0, 0.5, 0.9, 1};
  Call call;
  call.name = std::move(name);
  call.function = Pick(random, kFunctions);
  call.has_field =
      call.function != Function::kShare && (call.function != Function::kCount || random() % 2 == 0);
  if (call.has_field) call.field = std::move(field);
  if (call.function == Function::kQuantile) call.quantile = Pick(random, kQuantiles);
  return call;
}

// A stage on the columns "x" and "y".
query::plan::Stage RandomTableStage(std::mt19937_64& random) {
  const FieldRef x{Source::kField, "x"};
  const FieldRef y{Source::kField, "y"};
  switch (random() % 6) {
    case 5: {
      const char* const kColumns[] = {"x", "y", "z"};
      return Unnest{.field = random() % 2 == 0 ? x : y, .name = Pick(random, kColumns)};
    }
    case 4: {
      Dedup dedup;
      if (random() % 3 != 0) dedup.fields.push_back(x);
      if (random() % 2 == 0 || dedup.fields.empty()) dedup.fields.push_back(y);
      dedup.keeps_missing = random() % 2 == 0;
      return dedup;
    }
    case 0: {
      Expr expr;
      expr.op = Expr::Op::kGreater;
      expr.field = x;
      expr.is_number = true;
      expr.number = Pick(random, kBounds);
      return Filter{expr::Or({expr::Make(std::move(expr)), expr::Not(RandomLeaf(random))})};
    }
    case 1:
      return Sort{{SortKey{y, random() % 2 == 0}, SortKey{x, random() % 2 == 0}}};
    case 2:
      return Limit{.count = random() % 20, .offset = random() % 5};
    default:
      return Aggregate{{{.name = "x", .field = y}}, {RandomCall(random, "y", x)}};
  }
}

// A leaf chosen for records may name no column: look at one instead.
void UseColumns(query::plan::Stage& stage) {
  auto* filter = std::get_if<Filter>(&stage);
  if (filter == nullptr) return;
  std::vector<ExprPtr> parts;
  for (const ExprPtr& part : filter->condition->children) {
    const bool negated = part->op == Expr::Op::kNot;
    Expr leaf = negated ? *part->children[0] : *part;
    leaf.field = {Source::kField, leaf.field.name == "x" ? "x" : "y"};
    leaf.unit = Expr::Unit::kNone;
    parts.push_back(negated ? expr::Not(expr::Make(std::move(leaf))) : expr::Make(std::move(leaf)));
  }
  filter->condition = expr::Or(std::move(parts));
}

FieldRef RandomSortField(std::mt19937_64& random) {
  const Source kPlaces[] = {Source::kTimestamp, Source::kSequence};
  if (random() % 4 == 0) return {Pick(random, kPlaces), ""};
  return {Source::kField, Pick(random, kNames)};
}

void AddRecordStages(std::mt19937_64& random, Plan& plan) {
  for (size_t i = random() % 3; i > 0; --i) {
    switch (random() % 3) {
      case 0:
        plan.stages.emplace_back(Filter{RandomExpr(random, 2)});
        break;
      case 1:
        plan.stages.emplace_back(Sort{{SortKey{RandomSortField(random), random() % 2 == 0}}});
        break;
      default:
        plan.stages.emplace_back(Limit{.count = random() % 40, .offset = random() % 5});
    }
  }
}

query::plan::Stage RandomExtend(std::mt19937_64& random) {
  using query::plan::MakeCall;
  using query::plan::MakeConstant;
  const char* const kIntervals[] = {"minute", "hour", "day", "week", "month", "quarter", "year", "7s", "90m"};
  const char* const kZones[] = {"UTC", "UTC", "+02:00", "-07:30"};
  const char* const kOffsets[] = {"0s", "0s", "13s", "-6h", "90m"};
  const auto text = [](const char* chosen) { return MakeConstant(std::string(chosen)); };
  const auto far_ms = static_cast<int64_t>(random() % 8'000'000'000'000) - 4'000'000'000'000;
  const Source kPlaces[] = {Source::kTimestamp, Source::kTimestamp, Source::kSequence};
  const query::plan::ScalarPtr time = random() % 4 == 0 ? MakeCall("from_millis", {MakeConstant(far_ms)})
                                                        : query::plan::MakeField({Pick(random, kPlaces), ""});
  return query::plan::Extend{
      {{.name = "c",
        .value = MakeCall("calendar_bucket", {time, text(Pick(random, kIntervals)),
                                              text(Pick(random, kZones)), text(Pick(random, kOffsets))})}}};
}

// Of an entry: the line and any value are looked at otherwise there, and not here.
FieldRef RandomEntryField(std::mt19937_64& random) {
  const char* const kMade[] = {"c", "e"};
  const FieldRef kOthers[] = {
      {Source::kLevel, ""}, {Source::kMessage, ""}, {Source::kSequence, ""}, {Source::kTimestamp, ""}};
  switch (random() % 6) {
    case 0:
      return Pick(random, kOthers);
    case 1:
    case 2:
      return {Source::kField, Pick(random, kMade)};
    case 3:
      return {Source::kLabel, Pick(random, kNames)};
    default:
      return {Source::kField, Pick(random, kNames)};
  }
}

ExprPtr RandomEntryLeaf(std::mt19937_64& random) {
  const FieldRef field = RandomEntryField(random);
  if (IsPlace(field)) return RandomPlaceLeaf(random, field.source);
  Expr leaf;
  // An object that has fields exists in a record; an entry cannot tell.
  do leaf = *RandomLeaf(random);
  while (IsPlace(leaf.field) || leaf.op == Expr::Op::kExists);
  leaf.field = field;
  leaf.unit = Expr::Unit::kNone;
  return expr::Make(std::move(leaf));
}

// Stages that look inside, the first of which makes entries of records.
void AddEntryStages(std::mt19937_64& random, Plan& plan) {
  const char* const kUnnested[] = {"e", "a", "app"};
  for (size_t i = 1 + random() % 3; i > 0; --i) {
    switch (random() % 7) {
      case 0:
      case 1:
        plan.stages.push_back(RandomExtend(random));
        break;
      case 2:
      case 3: {
        Dedup dedup;
        for (size_t n = 1 + random() % 2; n > 0; --n) dedup.fields.push_back(RandomEntryField(random));
        dedup.keeps_missing = random() % 2 == 0;
        plan.stages.push_back(std::move(dedup));
        break;
      }
      case 4:
        plan.stages.push_back(Unnest{.field = RandomEntryField(random), .name = Pick(random, kUnnested)});
        break;
      case 5:
        if (query::plan::ResultOf(plan) != query::plan::Flowing::kEntries) break;
        plan.stages.emplace_back(Filter{RandomEntryLeaf(random)});
        break;
      default:
        if (query::plan::ResultOf(plan) != query::plan::Flowing::kEntries) break;
        plan.stages.emplace_back(Sort{{SortKey{RandomEntryField(random), random() % 2 == 0}}});
        if (random() % 2 == 0)
          plan.stages.emplace_back(Limit{.count = random() % 40, .offset = random() % 5});
    }
  }
}

}  // namespace

ExprPtr RandomExpr(std::mt19937_64& random, int depth) {
  if (depth == 0 || random() % 3 == 0) return RandomLeaf(random);
  std::vector<ExprPtr> children;
  for (size_t i = 1 + random() % 3; i > 0; --i) children.push_back(RandomExpr(random, depth - 1));
  switch (random() % 3) {
    case 0:
      return expr::And(std::move(children));
    case 1:
      return expr::Or(std::move(children));
    default:
      return expr::Not(std::move(children[0]));
  }
}

Plan RandomPlan(std::mt19937_64& random) {
  using query::plan::Order;
  const Order kOrders[] = {Order::kAscending, Order::kDescending};
  Plan plan;
  plan.source.order = Pick(random, kOrders);
  if (random() % 4 == 0) plan.source.range.from_ns = static_cast<int64_t>(random() % 40) * 1'000'000'000;
  if (random() % 4 == 0) plan.source.range.to_ns = static_cast<int64_t>(random() % 80) * 1'000'000'000;
  if (random() % 5 != 0) plan.source.filter = RandomExpr(random, 3);
  AddRecordStages(random, plan);
  if (random() % 3 == 0) AddEntryStages(random, plan);
  const bool entries = query::plan::ResultOf(plan) == query::plan::Flowing::kEntries;
  const auto field = [&] { return entries ? RandomEntryField(random) : RandomField(random); };
  const size_t kind = entries ? 1 + random() % 2 : random() % 3;
  if (kind == 1) {
    plan.stages.emplace_back(Project{{{"x", field()}, {"y", field()}}});
  } else if (kind == 2) {
    Aggregate aggregate;
    aggregate.keys.push_back({.name = "x", .field = field()});
    if (random() % 4 == 0) aggregate.keys[0] = {.name = "x", .field = {}, .bucket_ns = 10'000'000'000};
    aggregate.calls.push_back(RandomCall(random, "y", field()));
    plan.stages.emplace_back(std::move(aggregate));
  }
  if (kind == 0) return plan;
  for (size_t i = random() % 3; i > 0; --i) {
    query::plan::Stage stage = RandomTableStage(random);
    UseColumns(stage);
    plan.stages.push_back(std::move(stage));
  }
  return plan;
}

}  // namespace taffrail::query_test
