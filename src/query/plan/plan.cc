#include "query/plan/plan.h"

#include <algorithm>
#include <set>

#include "expr/text.h"
#include "fmt/format.h"

namespace taffrail::query::plan {
namespace {

bool EqualStages(const Stage& a, const Stage& b) {
  struct Comparer {
    const Stage& other;
    bool operator()(const Filter& filter) const {
      return expr::Equal(*filter.condition, *std::get<Filter>(other).condition);
    }
    bool operator()(const Project& project) const {
      return project.columns == std::get<Project>(other).columns;
    }
    bool operator()(const Aggregate& aggregate) const {
      const auto& right = std::get<Aggregate>(other);
      return aggregate.keys == right.keys && aggregate.calls == right.calls;
    }
    bool operator()(const Sort& sort) const { return sort.keys == std::get<Sort>(other).keys; }
    bool operator()(const Limit& limit) const { return limit == std::get<Limit>(other); }
  };
  return a.index() == b.index() && std::visit(Comparer{b}, a);
}

// Follows the columns through the stages and checks each against those before it.
class Verifier {
 public:
  absl::Status operator()(const Filter& filter) { return CheckExpr(*filter.condition); }

  absl::Status operator()(const Project& project) {
    std::vector<std::string> names;
    for (const Column& column : project.columns) {
      TAFFRAIL_RETURN_IF_ERROR(CheckField(column.field));
      names.push_back(column.name);
    }
    return SetColumns(std::move(names));
  }

  absl::Status operator()(const Aggregate& aggregate) {
    std::vector<std::string> names;
    for (const GroupKey& key : aggregate.keys) {
      if (key.bucket_ns < 0) return absl::InvalidArgumentError("a time bucket must be longer than nothing");
      if (key.bucket_ns > 0 && is_table_) {
        return absl::InvalidArgumentError("time buckets are of records; aggregate before columns are chosen");
      }
      if (key.bucket_ns == 0) TAFFRAIL_RETURN_IF_ERROR(CheckField(key.field));
      names.push_back(key.name);
    }
    for (const Call& call : aggregate.calls) {
      if (!call.has_field && call.function != Function::kCount) {
        return absl::InvalidArgumentError(fmt::format("column \"{}\" needs a field to aggregate", call.name));
      }
      if (call.has_field) TAFFRAIL_RETURN_IF_ERROR(CheckField(call.field));
      if (call.function == Function::kQuantile && !(call.quantile >= 0 && call.quantile <= 1)) {
        return absl::InvalidArgumentError(fmt::format("quantile {} is not between 0 and 1", call.quantile));
      }
      names.push_back(call.name);
    }
    return SetColumns(std::move(names));
  }

  absl::Status operator()(const Sort& sort) {
    if (sort.keys.empty() || sort.keys.size() > kMaxColumns) {
      return absl::InvalidArgumentError(fmt::format("sort takes 1 to {} keys", kMaxColumns));
    }
    for (const SortKey& key : sort.keys) TAFFRAIL_RETURN_IF_ERROR(CheckField(key.field));
    return absl::OkStatus();
  }

  absl::Status operator()(const Limit& limit) {
    const bool readable = limit.count <= INT64_MAX && limit.offset <= INT64_MAX;
    return readable ? absl::OkStatus() : absl::InvalidArgumentError("a limit is at most 2^63 - 1");
  }

  const std::vector<std::string>& columns() const { return columns_; }

 private:
  absl::Status SetColumns(std::vector<std::string> names) {
    if (names.empty() || names.size() > kMaxColumns) {
      return absl::InvalidArgumentError(
          fmt::format("a table has 1 to {} columns, not {}", kMaxColumns, names.size()));
    }
    std::set<std::string> unique;
    for (const std::string& name : names) {
      if (!unique.insert(name).second) {
        return absl::InvalidArgumentError(fmt::format("two columns are named \"{}\"", name));
      }
    }
    is_table_ = true;
    columns_ = std::move(names);
    return absl::OkStatus();
  }

  absl::Status CheckField(const expr::FieldRef& field) const {
    if (!is_table_) return absl::OkStatus();
    if (field.source == expr::FieldRef::Source::kField &&
        std::find(columns_.begin(), columns_.end(), field.name) != columns_.end()) {
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError(fmt::format("there is no column {} at this point; the columns are {}",
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

  bool is_table_ = false;
  std::vector<std::string> columns_;
};

}  // namespace

bool Equal(const Plan& a, const Plan& b) {
  return a.source.range == b.source.range && a.source.order == b.source.order &&
         expr::Equal(*a.source.filter, *b.source.filter) &&
         std::equal(a.stages.begin(), a.stages.end(), b.stages.begin(), b.stages.end(), EqualStages);
}

absl::Status Verify(const Plan& plan) {
  if (plan.stages.size() > kMaxStages) {
    return absl::InvalidArgumentError(
        fmt::format("{} stages; the limit is {}", plan.stages.size(), kMaxStages));
  }
  Verifier verifier;
  for (const Stage& stage : plan.stages) TAFFRAIL_RETURN_IF_ERROR(std::visit(verifier, stage));
  return absl::OkStatus();
}

std::vector<std::string> ColumnsOf(const Plan& plan) {
  Verifier verifier;
  for (const Stage& stage : plan.stages) {
    if (!std::visit(verifier, stage).ok()) break;
  }
  return verifier.columns();
}

}  // namespace taffrail::query::plan
