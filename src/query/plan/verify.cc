// Verify: follows what flows through the stages, and checks each against what comes to it.
#include <algorithm>
#include <set>

#include "expr/text.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "query/plan/plan.h"

namespace taffrail::query::plan {
namespace {

using absl::InvalidArgumentError;

absl::Status CheckGrid(const Grid& grid) {
  if (grid.step_ns <= 0) return InvalidArgumentError("a step must be longer than nothing");
  if (grid.from_ns > grid.to_ns) return InvalidArgumentError("the first point lies after the last");
  // As unsigned numbers, since the ends may be further apart than an int64 says.
  const uint64_t length = static_cast<uint64_t>(grid.to_ns) - static_cast<uint64_t>(grid.from_ns);
  if (length / static_cast<uint64_t>(grid.step_ns) >= kMaxGridPoints) {
    return InvalidArgumentError(
        "exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step "
        "parameter");
  }
  return absl::OkStatus();
}

class Verifier {
 public:
  explicit Verifier(int depth) : depth_(depth) {}

  absl::Status Start(const Source& source) {
    if (!source.constant) return absl::OkStatus();
    SetSeries();
    return CheckGrid(source.constant->grid);
  }

  absl::Status operator()(const Filter& filter) {
    TAFFRAIL_RETURN_IF_ERROR(RefuseSeries("filter"));
    return CheckExpr(*filter.condition);
  }

  absl::Status operator()(const Project& project) {
    TAFFRAIL_RETURN_IF_ERROR(RefuseSeries("project"));
    std::vector<std::string> names;
    for (const Column& column : project.columns) {
      TAFFRAIL_RETURN_IF_ERROR(CheckField(column.field));
      names.push_back(column.name);
    }
    return SetColumns(std::move(names));
  }

  absl::Status operator()(const Aggregate& aggregate) {
    TAFFRAIL_RETURN_IF_ERROR(RefuseSeries("aggregate"));
    std::vector<std::string> names;
    for (const GroupKey& key : aggregate.keys) {
      if (key.bucket_ns < 0) return InvalidArgumentError("a time bucket must be longer than nothing");
      if (key.bucket_ns > 0 && flowing_ == Flowing::kTable) {
        return InvalidArgumentError("time buckets are of records; aggregate before columns are chosen");
      }
      if (key.bucket_ns == 0) TAFFRAIL_RETURN_IF_ERROR(CheckField(key.field));
      names.push_back(key.name);
    }
    for (const Call& call : aggregate.calls) {
      if (!call.has_field && call.function != Function::kCount && call.function != Function::kShare) {
        return InvalidArgumentError(fmt::format("column \"{}\" needs a field to aggregate", call.name));
      }
      if (call.has_field && call.function == Function::kShare) {
        return InvalidArgumentError(
            fmt::format("column \"{}\": share() is of rows, not of a field", call.name));
      }
      if (call.has_field) TAFFRAIL_RETURN_IF_ERROR(CheckField(call.field));
      if (call.function == Function::kQuantile && !(call.quantile >= 0 && call.quantile <= 1)) {
        return InvalidArgumentError(fmt::format("quantile {} is not between 0 and 1", call.quantile));
      }
      names.push_back(call.name);
    }
    return SetColumns(std::move(names));
  }

  absl::Status operator()(const Sort& sort) {
    TAFFRAIL_RETURN_IF_ERROR(RefuseSeries("sort"));
    if (sort.keys.empty() || sort.keys.size() > kMaxColumns) {
      return InvalidArgumentError(fmt::format("sort takes 1 to {} keys", kMaxColumns));
    }
    for (const SortKey& key : sort.keys) TAFFRAIL_RETURN_IF_ERROR(CheckField(key.field));
    return absl::OkStatus();
  }

  absl::Status operator()(const Limit& limit) {
    TAFFRAIL_RETURN_IF_ERROR(RefuseSeries("limit"));
    const bool readable = limit.count <= INT64_MAX && limit.offset <= INT64_MAX;
    return readable ? absl::OkStatus() : InvalidArgumentError("a limit is at most 2^63 - 1");
  }

  absl::Status operator()(const ParseFields& parse) {
    TAFFRAIL_RETURN_IF_ERROR(WantEntries("parse"));
    if (parse.wanted.size() > kMaxColumns) {
      return InvalidArgumentError(fmt::format("parse takes at most {} names", kMaxColumns));
    }
    if (parse.format == ParseFields::Format::kCsv && parse.wanted.empty()) {
      return InvalidArgumentError("parse csv needs the names of the columns");
    }
    return absl::OkStatus();
  }

  absl::Status operator()(const Extend& extend) {
    TAFFRAIL_RETURN_IF_ERROR(RefuseSeries("extend"));
    if (extend.assignments.empty() || extend.assignments.size() > kMaxColumns) {
      return InvalidArgumentError(fmt::format("extend takes 1 to {} fields", kMaxColumns));
    }
    for (const Assignment& assignment : extend.assignments) {
      std::vector<expr::FieldRef> fields;
      CollectFields(*assignment.value, fields);
      for (const expr::FieldRef& field : fields) TAFFRAIL_RETURN_IF_ERROR(CheckField(field));
      if (flowing_ != Flowing::kTable) continue;
      if (assignment.sets_line) return InvalidArgumentError("a table has no line to set");
      if (std::find(columns_.begin(), columns_.end(), assignment.name) == columns_.end()) {
        columns_.push_back(assignment.name);
      }
    }
    if (flowing_ == Flowing::kRecords) flowing_ = Flowing::kEntries;
    return columns_.size() <= kMaxColumns ? absl::OkStatus() : TooManyColumns(columns_.size());
  }

  absl::Status operator()(const Rename&) { return WantEntries("rename"); }
  absl::Status operator()(const Select& select) { return WantEntries(select.keeps ? "keep" : "drop"); }
  absl::Status operator()(const Mark&) { return WantEntries("mark"); }
  absl::Status operator()(const Unwrap&) { return WantEntries("unwrap"); }

  absl::Status operator()(const Dedup& dedup) {
    TAFFRAIL_RETURN_IF_ERROR(RefuseSeries("dedup"));
    if (dedup.fields.empty()) return InvalidArgumentError("dedup needs a field");
    for (const expr::FieldRef& field : dedup.fields) TAFFRAIL_RETURN_IF_ERROR(CheckField(field));
    if (flowing_ == Flowing::kRecords) flowing_ = Flowing::kEntries;
    return absl::OkStatus();
  }

  absl::Status operator()(const Unnest& unnest) {
    TAFFRAIL_RETURN_IF_ERROR(RefuseSeries("unnest"));
    TAFFRAIL_RETURN_IF_ERROR(CheckField(unnest.field));
    if (flowing_ == Flowing::kTable &&
        std::find(columns_.begin(), columns_.end(), unnest.name) == columns_.end()) {
      columns_.push_back(unnest.name);
    }
    if (flowing_ == Flowing::kRecords) flowing_ = Flowing::kEntries;
    return columns_.size() <= kMaxColumns ? absl::OkStatus() : TooManyColumns(columns_.size());
  }

  absl::Status operator()(const JqFilter& filter) {
    if (filter.program.size() > kMaxJqBytes) {
      return InvalidArgumentError(fmt::format("a jq filter has at most {} bytes", kMaxJqBytes));
    }
    if (filter.program.find('\0') != std::string::npos)
      return InvalidArgumentError("a jq filter has no NUL byte");
    return WantEntries("jq");
  }

  absl::Status operator()(const RangeAggregate& range) {
    TAFFRAIL_RETURN_IF_ERROR(WantEntries("range"));
    if (range.range_ns <= 0) return InvalidArgumentError("a range must be longer than nothing");
    SetSeries();
    return CheckGrid(range.grid);
  }

  absl::Status operator()(const VectorAggregate& aggregate) {
    TAFFRAIL_RETURN_IF_ERROR(WantSeries("vector"));
    return aggregate.k >= 0 ? absl::OkStatus() : InvalidArgumentError("k must not be negative");
  }
  absl::Status operator()(const ScalarOperation&) { return WantSeries("scalar"); }
  absl::Status operator()(const LabelReplace&) { return WantSeries("label_replace"); }

  absl::Status operator()(const Join& join) {
    TAFFRAIL_RETURN_IF_ERROR(WantSeries("join"));
    if (depth_ >= kMaxJoinDepth) {
      return InvalidArgumentError(fmt::format("joins nest deeper than {}", kMaxJoinDepth));
    }
    if (join.right == nullptr || ResultOf(*join.right) != Flowing::kSeries) {
      return InvalidArgumentError("the right side of a join must be series");
    }
    return Run(*join.right, Verifier(depth_ + 1));
  }

  static absl::Status Run(const Plan& plan, Verifier verifier) {
    if (plan.stages.size() > kMaxStages) {
      return InvalidArgumentError(fmt::format("{} stages; the limit is {}", plan.stages.size(), kMaxStages));
    }
    TAFFRAIL_RETURN_IF_ERROR(verifier.Start(plan.source));
    for (const Stage& stage : plan.stages) TAFFRAIL_RETURN_IF_ERROR(std::visit(verifier, stage));
    return absl::OkStatus();
  }

  const std::vector<std::string>& columns() const { return columns_; }

 private:
  void SetSeries() {
    flowing_ = Flowing::kSeries;
    columns_ = {"labels", "time", "value"};
  }

  absl::Status RefuseSeries(std::string_view stage) const {
    if (flowing_ != Flowing::kSeries) return absl::OkStatus();
    return InvalidArgumentError(fmt::format("{} works on records and tables, not on series", stage));
  }

  absl::Status WantSeries(std::string_view stage) const {
    if (flowing_ == Flowing::kSeries) return absl::OkStatus();
    return InvalidArgumentError(fmt::format("{} works on series, which range makes of entries", stage));
  }

  absl::Status WantEntries(std::string_view stage) {
    if (flowing_ == Flowing::kTable || flowing_ == Flowing::kSeries) {
      return InvalidArgumentError(
          fmt::format("{} works on lines, before they become a table or series", stage));
    }
    flowing_ = Flowing::kEntries;
    return absl::OkStatus();
  }

  static absl::Status TooManyColumns(size_t count) {
    return InvalidArgumentError(fmt::format("a table has 1 to {} columns, not {}", kMaxColumns, count));
  }

  absl::Status SetColumns(std::vector<std::string> names) {
    if (names.empty() || names.size() > kMaxColumns) return TooManyColumns(names.size());
    std::set<std::string> unique;
    for (const std::string& name : names) {
      if (!unique.insert(name).second) {
        return InvalidArgumentError(fmt::format("two columns are named \"{}\"", name));
      }
    }
    flowing_ = Flowing::kTable;
    columns_ = std::move(names);
    return absl::OkStatus();
  }

  absl::Status CheckField(const expr::FieldRef& field) const {
    if (flowing_ != Flowing::kTable) return absl::OkStatus();
    if (field.source == expr::FieldRef::Source::kField &&
        std::find(columns_.begin(), columns_.end(), field.name) != columns_.end()) {
      return absl::OkStatus();
    }
    return InvalidArgumentError(fmt::format("there is no column {} at this point; the columns are {}",
                                            expr::ToString(field), fmt::join(columns_, ", ")));
  }

  absl::Status CheckExpr(const expr::Expr& expr) const {
    if (!expr.children.empty()) {
      for (const expr::ExprPtr& child : expr.children) TAFFRAIL_RETURN_IF_ERROR(CheckExpr(*child));
      return absl::OkStatus();
    }
    const bool constant = expr.op == expr::Expr::Op::kTrue || expr.op == expr::Expr::Op::kFalse;
    return constant ? absl::OkStatus() : CheckField(expr.field);
  }

  int depth_;
  Flowing flowing_ = Flowing::kRecords;
  std::vector<std::string> columns_;
};

}  // namespace

absl::Status Verify(const Plan& plan) { return Verifier::Run(plan, Verifier(0)); }

std::vector<std::string> ColumnsOf(const Plan& plan) {
  Verifier verifier(0);
  if (!verifier.Start(plan.source).ok()) return {};
  for (const Stage& stage : plan.stages) {
    if (!std::visit(verifier, stage).ok()) break;
  }
  return verifier.columns();
}

}  // namespace taffrail::query::plan
