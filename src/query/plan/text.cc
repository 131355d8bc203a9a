// The parser of text.h's form.
#include "query/plan/text.h"

#include <memory>
#include <utility>

#include "base/duration.h"
#include "base/time_text.h"
#include "expr/text.h"
#include "fmt/format.h"
#include "query/plan/names.h"

namespace taffrail::query::plan {
namespace {

using expr::TextScanner;

class Parser {
 public:
  explicit Parser(std::string_view text) : scanner_(text) {}

  absl::StatusOr<Plan> ParseAll() {
    TAFFRAIL_ASSIGN_OR_RETURN(Plan plan, ParsePlan(0));
    if (!scanner_.AtEnd()) return scanner_.Error("this ')' closes nothing");
    TAFFRAIL_RETURN_IF_ERROR(Verify(plan));
    return plan;
  }

 private:
  // Up to the end, or the ')' of a join.
  absl::StatusOr<Plan> ParsePlan(int depth) {
    Plan plan;
    if (depth > kMaxJoinDepth) return scanner_.Error(fmt::format("joins nest deeper than {}", kMaxJoinDepth));
    if (!scanner_.TakeKeyword("source")) return scanner_.Error("a plan begins with \"source\"");
    TAFFRAIL_RETURN_IF_ERROR(ParseSource(plan.source));
    while (!scanner_.AtEnd() && scanner_.Peek() != ')') {
      if (plan.stages.size() == kMaxStages)
        return scanner_.Error(fmt::format("more than {} stages", kMaxStages));
      TAFFRAIL_ASSIGN_OR_RETURN(Stage stage, ParseStage(depth));
      plan.stages.push_back(std::move(stage));
    }
    return plan;
  }

  absl::Status ParseSource(Source& source) {
    if (scanner_.TakeKeyword("constant")) {
      ConstantVector constant;
      TAFFRAIL_ASSIGN_OR_RETURN(constant.value, scanner_.ExpectNumber());
      TAFFRAIL_RETURN_IF_ERROR(ParseGrid(constant.grid));
      source.constant = constant;
      return absl::OkStatus();
    }
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

  absl::StatusOr<Stage> ParseStage(int depth) {
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
    if (name == "parse") return ParseParse();
    if (name == "extend") return ParseExtend();
    if (name == "rename") return ParseRename();
    if (name == "drop" || name == "keep") return ParseSelect(name == "keep");
    if (name == "mark") return ParseMark();
    if (name == "unwrap") return ParseUnwrap();
    if (name == "dedup") return ParseDedup();
    if (name == "unnest") return ParseUnnest();
    if (name == "jq") return ParseJq();
    if (name == "range") return ParseRange();
    if (name == "vector") return ParseVector();
    if (name == "scalar") return ParseScalarOperation();
    if (name == "join") return ParseJoin(depth);
    if (name == "label_replace") return ParseLabelReplace();
    return scanner_.ErrorAt(
        begin,
        "expected a stage: filter, project, aggregate, sort, limit, parse, extend, rename, "
        "drop, keep, mark, unwrap, dedup, unnest, jq, range, vector, scalar, join or "
        "label_replace");
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

  absl::StatusOr<Stage> ParseParse() {
    ParseFields parse;
    TAFFRAIL_RETURN_IF_ERROR(
        ParseOneOf(kFormats, "a format: json, logfmt, pattern, regexp, unpack or csv", parse.format));
    parse.strict = scanner_.TakeKeyword("strict");
    parse.keep_empty = scanner_.TakeKeyword("keep_empty");
    parse.typed = scanner_.TakeKeyword("typed");
    if (scanner_.TakeKeyword("from")) {
      TAFFRAIL_ASSIGN_OR_RETURN(parse.from, expr::ParseField(scanner_));
    }
    if (scanner_.TakeKeyword("pattern")) {
      TAFFRAIL_ASSIGN_OR_RETURN(parse.pattern, scanner_.ExpectString());
    }
    if (scanner_.TakeKeyword("only")) TAFFRAIL_RETURN_IF_ERROR(ParseNames(parse.only.emplace()));
    if (scanner_.Peek() != '"') return parse;
    do {
      ParseFields::Wanted wanted;
      TAFFRAIL_RETURN_IF_ERROR(ParseName(wanted.name));
      TAFFRAIL_ASSIGN_OR_RETURN(wanted.path, scanner_.ExpectString());
      parse.wanted.push_back(std::move(wanted));
    } while (scanner_.Take(','));
    return parse;
  }

  absl::StatusOr<Stage> ParseExtend() {
    Extend extend;
    do {
      Assignment assignment;
      assignment.sets_line = scanner_.TakeKeyword("line");
      if (assignment.sets_line) {
        TAFFRAIL_RETURN_IF_ERROR(scanner_.Expect('='));
      } else {
        TAFFRAIL_RETURN_IF_ERROR(ParseName(assignment.name));
      }
      TAFFRAIL_ASSIGN_OR_RETURN(assignment.value, ParseScalar(scanner_));
      extend.assignments.push_back(std::move(assignment));
    } while (scanner_.Take(','));
    return extend;
  }

  absl::StatusOr<Stage> ParseRename() {
    Rename rename;
    do {
      auto& [from, to] = rename.names.emplace_back();
      TAFFRAIL_RETURN_IF_ERROR(ParseName(from));
      TAFFRAIL_ASSIGN_OR_RETURN(to, scanner_.ExpectString());
    } while (scanner_.Take(','));
    return rename;
  }

  absl::StatusOr<Stage> ParseSelect(bool keeps) {
    Select select{.keeps = keeps, .names = {}};
    do {
      Select::Name& name = select.names.emplace_back();
      TAFFRAIL_ASSIGN_OR_RETURN(name.name, scanner_.ExpectString());
      name.has_condition = scanner_.TakeKeyword("if");
      if (!name.has_condition) continue;
      name.is_negated = scanner_.TakeKeyword("not");
      name.is_regex = scanner_.TakeKeyword("regex");
      if (!name.is_regex && !scanner_.TakeKeyword("equal")) return scanner_.Error("expected equal or regex");
      TAFFRAIL_ASSIGN_OR_RETURN(name.text, scanner_.ExpectString());
    } while (scanner_.Take(','));
    return select;
  }

  absl::StatusOr<Stage> ParseMark() {
    Mark mark;
    TAFFRAIL_ASSIGN_OR_RETURN(mark.error, scanner_.ExpectString());
    if (!scanner_.TakeKeyword("where")) return scanner_.Error("expected where and a condition");
    TAFFRAIL_ASSIGN_OR_RETURN(mark.condition, expr::ParseExpr(scanner_));
    return mark;
  }

  absl::StatusOr<Stage> ParseUnwrap() {
    Unwrap unwrap;
    TAFFRAIL_ASSIGN_OR_RETURN(unwrap.field, scanner_.ExpectString());
    if (!scanner_.TakeKeyword("as")) return scanner_.Error("expected as number, duration or bytes");
    TAFFRAIL_RETURN_IF_ERROR(ParseOneOf(kConversions, "number, duration or bytes", unwrap.conversion));
    return unwrap;
  }

  absl::StatusOr<Stage> ParseDedup() {
    Dedup dedup;
    dedup.keeps_missing = scanner_.TakeKeyword("keep_missing");
    do {
      TAFFRAIL_ASSIGN_OR_RETURN(expr::FieldRef field, expr::ParseField(scanner_));
      dedup.fields.push_back(std::move(field));
    } while (scanner_.Take(','));
    return dedup;
  }

  absl::StatusOr<Stage> ParseUnnest() {
    Unnest unnest;
    TAFFRAIL_RETURN_IF_ERROR(ParseName(unnest.name));
    TAFFRAIL_ASSIGN_OR_RETURN(unnest.field, expr::ParseField(scanner_));
    return unnest;
  }

  absl::StatusOr<Stage> ParseJq() {
    TAFFRAIL_ASSIGN_OR_RETURN(std::string program, scanner_.ExpectString());
    return JqFilter{std::move(program)};
  }

  absl::StatusOr<Stage> ParseRange() {
    RangeAggregate range;
    TAFFRAIL_RETURN_IF_ERROR(ParseOneOf(kRangeFunctions, "a range function such as count", range.function));
    if (range.function == RangeFunction::kQuantile) {
      TAFFRAIL_ASSIGN_OR_RETURN(range.quantile, scanner_.ExpectNumber());
    }
    if (!scanner_.TakeKeyword("over")) return scanner_.Error("expected over and a duration");
    TAFFRAIL_RETURN_IF_ERROR(ParseDuration(range.range_ns));
    if (scanner_.TakeKeyword("offset")) TAFFRAIL_RETURN_IF_ERROR(ParseDuration(range.offset_ns));
    TAFFRAIL_RETURN_IF_ERROR(ParseGrid(range.grid));
    if (AtGrouping()) TAFFRAIL_RETURN_IF_ERROR(ParseGrouping(range.grouping.emplace()));
    if (!scanner_.TakeKeyword("labels")) return range;
    do {
      auto& [name, value] = range.absent_labels.emplace_back();
      TAFFRAIL_RETURN_IF_ERROR(ParseName(name));
      TAFFRAIL_ASSIGN_OR_RETURN(value, scanner_.ExpectString());
    } while (scanner_.Take(','));
    return range;
  }

  absl::StatusOr<Stage> ParseVector() {
    VectorAggregate aggregate;
    TAFFRAIL_RETURN_IF_ERROR(
        ParseOneOf(kVectorFunctions, "a vector function such as sum", aggregate.function));
    if (aggregate.function == VectorFunction::kTopK || aggregate.function == VectorFunction::kBottomK) {
      TAFFRAIL_ASSIGN_OR_RETURN(aggregate.k, scanner_.ExpectInteger());
    }
    TAFFRAIL_RETURN_IF_ERROR(ParseGrouping(aggregate.grouping));
    return aggregate;
  }

  absl::StatusOr<Stage> ParseScalarOperation() {
    ScalarOperation operation;
    TAFFRAIL_RETURN_IF_ERROR(ParseOneOf(kBinaryOperators, "an operator such as add", operation.op));
    TAFFRAIL_ASSIGN_OR_RETURN(operation.scalar, scanner_.ExpectNumber());
    operation.scalar_left = scanner_.TakeKeyword("left");
    operation.returns_bool = scanner_.TakeKeyword("bool");
    return operation;
  }

  absl::StatusOr<Stage> ParseJoin(int depth) {
    Join join;
    TAFFRAIL_RETURN_IF_ERROR(ParseOneOf(kBinaryOperators, "an operator such as add", join.op));
    join.returns_bool = scanner_.TakeKeyword("bool");
    if (scanner_.TakeKeyword("on")) {
      join.match = Join::Match::kOn;
    } else if (scanner_.TakeKeyword("ignoring")) {
      join.match = Join::Match::kIgnoring;
    }
    if (join.match != Join::Match::kAll) TAFFRAIL_RETURN_IF_ERROR(ParseNames(join.labels));
    if (scanner_.TakeKeyword("group_left")) {
      join.cardinality = Join::Cardinality::kManyToOne;
    } else if (scanner_.TakeKeyword("group_right")) {
      join.cardinality = Join::Cardinality::kOneToMany;
    }
    if (join.cardinality != Join::Cardinality::kOneToOne) TAFFRAIL_RETURN_IF_ERROR(ParseNames(join.include));
    TAFFRAIL_RETURN_IF_ERROR(scanner_.Expect('('));
    TAFFRAIL_ASSIGN_OR_RETURN(Plan right, ParsePlan(depth + 1));
    TAFFRAIL_RETURN_IF_ERROR(scanner_.Expect(')'));
    join.right = std::make_shared<const Plan>(std::move(right));
    return join;
  }

  absl::StatusOr<Stage> ParseLabelReplace() {
    LabelReplace replace;
    TAFFRAIL_RETURN_IF_ERROR(ParseName(replace.destination));
    TAFFRAIL_ASSIGN_OR_RETURN(replace.replacement, scanner_.ExpectString());
    if (!scanner_.TakeKeyword("from")) return scanner_.Error("expected from and a label");
    TAFFRAIL_ASSIGN_OR_RETURN(replace.source, scanner_.ExpectString());
    if (!scanner_.TakeKeyword("regex")) return scanner_.Error("expected regex and a pattern");
    TAFFRAIL_ASSIGN_OR_RETURN(replace.regex, scanner_.ExpectString());
    return replace;
  }

  template <typename Key, size_t kSize>
  absl::Status ParseOneOf(const Name<Key> (&table)[kSize], std::string_view expected, Key& key) {
    const size_t begin = scanner_.offset();
    const auto found = Find(table, scanner_.TakeName());
    if (!found) return scanner_.ErrorAt(begin, fmt::format("expected {}", expected));
    key = *found;
    return absl::OkStatus();
  }

  absl::Status ParseDuration(int64_t& duration_ns) {
    const size_t begin = scanner_.offset();
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string text, scanner_.ExpectString());
    const auto duration = base::ParseDuration(text);
    if (!duration) return scanner_.ErrorAt(begin, "expected a duration such as \"5m\"");
    duration_ns = *duration;
    return absl::OkStatus();
  }

  absl::Status ParseGrid(Grid& grid) {
    if (!scanner_.TakeKeyword("from")) return scanner_.Error("expected from and a time");
    TAFFRAIL_RETURN_IF_ERROR(ParseTime(grid.from_ns));
    if (!scanner_.TakeKeyword("to")) return scanner_.Error("expected to and a time");
    TAFFRAIL_RETURN_IF_ERROR(ParseTime(grid.to_ns));
    if (!scanner_.TakeKeyword("step")) return scanner_.Error("expected step and a duration");
    return ParseDuration(grid.step_ns);
  }

  bool AtGrouping() const {
    expr::TextScanner ahead = scanner_;
    return ahead.TakeKeyword("by") || ahead.TakeKeyword("without");
  }

  absl::Status ParseGrouping(Grouping& grouping) {
    grouping.without = scanner_.TakeKeyword("without");
    if (!grouping.without && !scanner_.TakeKeyword("by")) return scanner_.Error("expected by or without");
    return ParseNames(grouping.labels);
  }

  absl::Status ParseNames(std::vector<std::string>& names) {
    TAFFRAIL_RETURN_IF_ERROR(scanner_.Expect('('));
    while (!scanner_.Take(')')) {
      if (!names.empty()) TAFFRAIL_RETURN_IF_ERROR(scanner_.Expect(','));
      TAFFRAIL_ASSIGN_OR_RETURN(std::string name, scanner_.ExpectString());
      names.push_back(std::move(name));
    }
    return absl::OkStatus();
  }

  absl::Status ParseName(std::string& name) {
    TAFFRAIL_ASSIGN_OR_RETURN(name, scanner_.ExpectString());
    return scanner_.Expect('=');
  }

  TextScanner scanner_;
};

}  // namespace

absl::StatusOr<Plan> Parse(std::string_view text) { return Parser(text).ParseAll(); }

}  // namespace taffrail::query::plan
