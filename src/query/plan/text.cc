#include "query/plan/text.h"

#include <optional>
#include <utility>

#include "base/duration.h"
#include "base/time_text.h"
#include "expr/text.h"
#include "fmt/format.h"

namespace taffrail::query::plan {
namespace {

using expr::TextScanner;

constexpr std::pair<Order, std::string_view> kOrders[] = {
    {Order::kNone, "none"},
    {Order::kAscending, "ascending"},
    {Order::kDescending, "descending"},
};

constexpr std::pair<Function, std::string_view> kFunctions[] = {
    {Function::kCount, "count"},       {Function::kCountDistinct, "count_distinct"},
    {Function::kSum, "sum"},           {Function::kAvg, "avg"},
    {Function::kMin, "min"},           {Function::kMax, "max"},
    {Function::kQuantile, "quantile"},
};

template <typename Key, size_t kSize>
std::string_view NameOf(const std::pair<Key, std::string_view> (&table)[kSize], Key key) {
  for (const auto& [known, name] : table) {
    if (known == key) return name;
  }
  return {};
}

template <typename Key, size_t kSize>
std::optional<Key> Find(const std::pair<Key, std::string_view> (&table)[kSize], std::string_view name) {
  for (const auto& [key, text] : table) {
    if (text == name) return key;
  }
  return std::nullopt;
}

std::string Quoted(std::string_view text) {
  std::string out;
  expr::AppendQuoted(text, out);
  return out;
}

std::string CallToString(const Call& call) {
  std::string out = Quoted(call.name) + " = " + std::string(NameOf(kFunctions, call.function)) + "(";
  if (call.function == Function::kQuantile) {
    expr::AppendNumber(call.quantile, out);
    out += ", ";
  }
  if (call.has_field) out += expr::ToString(call.field);
  return out + ")";
}

std::string KeyToString(const GroupKey& key) {
  const std::string value = key.bucket_ns > 0
                                ? fmt::format("bucket({})", Quoted(base::FormatDuration(key.bucket_ns)))
                                : expr::ToString(key.field);
  return Quoted(key.name) + " = " + value;
}

template <typename T, typename F>
std::string Joined(const std::vector<T>& items, F&& print) {
  std::string out;
  for (const T& item : items) {
    if (!out.empty()) out += ", ";
    out += print(item);
  }
  return out;
}

struct StagePrinter {
  std::string operator()(const Filter& filter) const { return "filter " + expr::ToString(*filter.condition); }
  std::string operator()(const Project& project) const {
    return "project " + Joined(project.columns, [](const Column& column) {
             return Quoted(column.name) + " = " + expr::ToString(column.field);
           });
  }
  std::string operator()(const Aggregate& aggregate) const {
    std::string out = "aggregate";
    if (!aggregate.calls.empty()) out += " " + Joined(aggregate.calls, CallToString);
    if (!aggregate.keys.empty()) out += " by " + Joined(aggregate.keys, KeyToString);
    return out;
  }
  std::string operator()(const Sort& sort) const {
    return "sort " + Joined(sort.keys, [](const SortKey& key) {
             return expr::ToString(key.field) + (key.descending ? " descending" : "");
           });
  }
  std::string operator()(const Limit& limit) const {
    return limit.offset == 0 ? fmt::format("limit {}", limit.count)
                             : fmt::format("limit {} offset {}", limit.count, limit.offset);
  }
};

// `filter_follows`: the next stage is a Filter, which would be read as the source's own if that had none.
std::string SourceToString(const Source& source, bool filter_follows) {
  std::string out = "source";
  if (source.range.from_ns != INT64_MIN) out += " from " + Quoted(base::FormatRfc3339(source.range.from_ns));
  if (source.range.to_ns != INT64_MAX) out += " to " + Quoted(base::FormatRfc3339(source.range.to_ns));
  if (source.order != Order::kAscending) out += fmt::format(" order {}", NameOf(kOrders, source.order));
  if (source.filter->op != expr::Expr::Op::kTrue || filter_follows)
    out += " filter " + expr::ToString(*source.filter);
  return out;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : scanner_(text) {}

  absl::StatusOr<Plan> ParsePlan() {
    Plan plan;
    if (!scanner_.TakeKeyword("source")) return scanner_.Error("a plan begins with \"source\"");
    TAFFRAIL_RETURN_IF_ERROR(ParseSource(plan.source));
    while (!scanner_.AtEnd()) {
      if (plan.stages.size() == kMaxStages)
        return scanner_.Error(fmt::format("more than {} stages", kMaxStages));
      TAFFRAIL_ASSIGN_OR_RETURN(Stage stage, ParseStage());
      plan.stages.push_back(std::move(stage));
    }
    TAFFRAIL_RETURN_IF_ERROR(Verify(plan));
    return plan;
  }

 private:
  absl::Status ParseSource(Source& source) {
    if (scanner_.TakeKeyword("from")) TAFFRAIL_RETURN_IF_ERROR(ParseTime(source.range.from_ns));
    if (scanner_.TakeKeyword("to")) TAFFRAIL_RETURN_IF_ERROR(ParseTime(source.range.to_ns));
    if (scanner_.TakeKeyword("order")) {
      const size_t begin = scanner_.offset();
      const auto order = Find(kOrders, scanner_.TakeName());
      if (!order) return scanner_.ErrorAt(begin, "expected none, ascending or descending");
      source.order = *order;
    }
    // Lines do not count: the first filter after the source is the source's own.
    if (scanner_.TakeKeyword("filter")) {
      TAFFRAIL_ASSIGN_OR_RETURN(source.filter, expr::ParseExpr(scanner_));
    }
    return absl::OkStatus();
  }

  absl::Status ParseTime(int64_t& time_ns) {
    const size_t begin = scanner_.offset();
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string text, scanner_.ExpectString());
    const auto time = base::ParseRfc3339(text);
    if (!time) return scanner_.ErrorAt(begin, "expected a time such as \"2025-10-30T14:00:00Z\"");
    time_ns = *time;
    return absl::OkStatus();
  }

  absl::StatusOr<Stage> ParseStage() {
    const size_t begin = scanner_.offset();
    const std::string_view name = scanner_.TakeName();
    if (name == "filter") {
      TAFFRAIL_ASSIGN_OR_RETURN(expr::ExprPtr condition, expr::ParseExpr(scanner_));
      return Filter{std::move(condition)};
    }
    if (name == "project") return ParseProject();
    if (name == "aggregate") return ParseAggregate();
    if (name == "sort") return ParseSort();
    if (name == "limit") return ParseLimit();
    return scanner_.ErrorAt(begin, "expected filter, project, aggregate, sort or limit");
  }

  absl::StatusOr<Stage> ParseProject() {
    Project project;
    do {
      Column column;
      TAFFRAIL_RETURN_IF_ERROR(ParseName(column.name));
      TAFFRAIL_ASSIGN_OR_RETURN(column.field, expr::ParseField(scanner_));
      project.columns.push_back(std::move(column));
    } while (scanner_.Take(','));
    return project;
  }

  absl::StatusOr<Stage> ParseAggregate() {
    Aggregate aggregate;
    if (scanner_.Peek() == '"') {
      do {
        TAFFRAIL_ASSIGN_OR_RETURN(Call call, ParseCall());
        aggregate.calls.push_back(std::move(call));
      } while (scanner_.Take(','));
    }
    if (scanner_.TakeKeyword("by")) {
      do {
        TAFFRAIL_ASSIGN_OR_RETURN(GroupKey key, ParseGroupKey());
        aggregate.keys.push_back(std::move(key));
      } while (scanner_.Take(','));
    }
    return aggregate;
  }

  absl::StatusOr<Call> ParseCall() {
    Call call;
    TAFFRAIL_RETURN_IF_ERROR(ParseName(call.name));
    const size_t begin = scanner_.offset();
    const auto function = Find(kFunctions, scanner_.TakeName());
    if (!function) return scanner_.ErrorAt(begin, "expected a function");
    call.function = *function;
    TAFFRAIL_RETURN_IF_ERROR(scanner_.Expect('('));
    if (call.function == Function::kQuantile) {
      TAFFRAIL_ASSIGN_OR_RETURN(call.quantile, scanner_.ExpectNumber());
      TAFFRAIL_RETURN_IF_ERROR(scanner_.Expect(','));
    }
    if (scanner_.Peek() != ')') {
      call.has_field = true;
      TAFFRAIL_ASSIGN_OR_RETURN(call.field, expr::ParseField(scanner_));
    }
    TAFFRAIL_RETURN_IF_ERROR(scanner_.Expect(')'));
    return call;
  }

  absl::StatusOr<GroupKey> ParseGroupKey() {
    GroupKey key;
    TAFFRAIL_RETURN_IF_ERROR(ParseName(key.name));
    if (!scanner_.TakeKeyword("bucket")) {
      TAFFRAIL_ASSIGN_OR_RETURN(key.field, expr::ParseField(scanner_));
      return key;
    }
    TAFFRAIL_RETURN_IF_ERROR(scanner_.Expect('('));
    const size_t begin = scanner_.offset();
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string text, scanner_.ExpectString());
    const auto duration = base::ParseDuration(text);
    if (!duration || *duration <= 0) return scanner_.ErrorAt(begin, "expected a duration such as \"5m\"");
    key.bucket_ns = *duration;
    TAFFRAIL_RETURN_IF_ERROR(scanner_.Expect(')'));
    return key;
  }

  absl::StatusOr<Stage> ParseSort() {
    Sort sort;
    do {
      SortKey key;
      TAFFRAIL_ASSIGN_OR_RETURN(key.field, expr::ParseField(scanner_));
      key.descending = scanner_.TakeKeyword("descending");
      sort.keys.push_back(std::move(key));
    } while (scanner_.Take(','));
    return sort;
  }

  absl::StatusOr<Stage> ParseLimit() {
    Limit limit;
    TAFFRAIL_RETURN_IF_ERROR(ParseCount(limit.count));
    if (scanner_.TakeKeyword("offset")) TAFFRAIL_RETURN_IF_ERROR(ParseCount(limit.offset));
    return limit;
  }

  absl::Status ParseCount(uint64_t& count) {
    const size_t begin = scanner_.offset();
    TAFFRAIL_ASSIGN_OR_RETURN(const int64_t number, scanner_.ExpectInteger());
    if (number < 0) return scanner_.ErrorAt(begin, "expected a number that is not negative");
    count = static_cast<uint64_t>(number);
    return absl::OkStatus();
  }

  absl::Status ParseName(std::string& name) {
    TAFFRAIL_ASSIGN_OR_RETURN(name, scanner_.ExpectString());
    return scanner_.Expect('=');
  }

  TextScanner scanner_;
};

}  // namespace

std::string ToString(const Stage& stage) { return std::visit(StagePrinter(), stage); }

std::string ToString(const Plan& plan) {
  const bool filter_follows = !plan.stages.empty() && std::holds_alternative<Filter>(plan.stages[0]);
  std::string out = SourceToString(plan.source, filter_follows) + "\n";
  for (const Stage& stage : plan.stages) out += ToString(stage) + "\n";
  return out;
}

absl::StatusOr<Plan> Parse(std::string_view text) { return Parser(text).ParsePlan(); }

}  // namespace taffrail::query::plan
