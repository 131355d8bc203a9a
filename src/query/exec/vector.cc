#include "query/exec/vector.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "query/templates/replacement.h"

namespace taffrail::query::exec {
namespace {

using plan::BinaryOperator;
using plan::VectorFunction;
using Labels = std::vector<std::pair<std::string, std::string>>;

bool IsComparison(BinaryOperator op) {
  return op >= BinaryOperator::kEqual && op <= BinaryOperator::kLessEqual;
}

bool Holds(BinaryOperator op, double left, double right) {
  switch (op) {
    case BinaryOperator::kEqual:
      return left == right;
    case BinaryOperator::kNotEqual:
      return left != right;
    case BinaryOperator::kGreater:
      return left > right;
    case BinaryOperator::kGreaterEqual:
      return left >= right;
    case BinaryOperator::kLess:
      return left < right;
    default:
      return left <= right;
  }
}

double Compute(BinaryOperator op, double left, double right) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  switch (op) {
    case BinaryOperator::kAdd:
      return left + right;
    case BinaryOperator::kSubtract:
      return left - right;
    case BinaryOperator::kMultiply:
      return left * right;
    case BinaryOperator::kDivide:
      return right == 0 ? kNaN : left / right;
    case BinaryOperator::kModulo:
      return right == 0 ? kNaN : std::fmod(left, right);
    default:
      return std::pow(left, right);
  }
}

Labels Chosen(const Labels& labels, const std::vector<std::string>& names, bool without) {
  Labels chosen;
  for (const auto& label : labels) {
    const bool named = std::find(names.begin(), names.end(), label.first) != names.end();
    if (named != without) chosen.push_back(label);
  }
  return chosen;
}

// Series by what they are grouped under, in the order of that.
std::map<Labels, std::vector<size_t>> GroupSeries(const Matrix& matrix, const plan::Grouping& grouping) {
  std::map<Labels, std::vector<size_t>> groups;
  for (size_t i = 0; i < matrix.series.size(); ++i) {
    groups[Chosen(matrix.series[i].labels, grouping.labels, grouping.without)].push_back(i);
  }
  return groups;
}

double Reduce(VectorFunction function, const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  switch (function) {
    case VectorFunction::kSum:
      return sum;
    case VectorFunction::kAvg:
      return sum / count;
    case VectorFunction::kCount:
      return count;
    case VectorFunction::kMin:
    case VectorFunction::kMax: {
      double best = values[0];
      for (const double value : values) {
        const bool better = function == VectorFunction::kMin ? value < best : value > best;
        if (better || std::isnan(best)) best = value;
      }
      return best;
    }
    default: {
      const double mean = sum / count;
      double squares = 0;
      for (const double value : values) squares += (value - mean) * (value - mean);
      return function == VectorFunction::kStddev ? std::sqrt(squares / count) : squares / count;
    }
  }
}

Series ReduceGroup(const Matrix& matrix, const plan::VectorAggregate& aggregate, const Labels& labels,
                   const std::vector<size_t>& members) {
  Series reduced;
  reduced.labels = labels;
  const size_t points = matrix.grid.points();
  reduced.values.resize(points);
  reduced.present.resize(points);
  std::vector<double> values;
  for (size_t point = 0; point < points; ++point) {
    values.clear();
    for (const size_t i : members) {
      if (matrix.series[i].present[point]) values.push_back(matrix.series[i].values[point]);
    }
    if (values.empty()) continue;
    reduced.present[point] = true;
    reduced.values[point] = Reduce(aggregate.function, values);
  }
  return reduced;
}

// NaN comes last whichever way.
bool Before(double a, double b, bool descending) {
  if (std::isnan(a) || std::isnan(b)) return !std::isnan(a) && std::isnan(b);
  return descending ? a > b : a < b;
}

// By the value at the last point that they have.
void SortSeries(std::vector<Series>& series, bool descending) {
  const auto last = [](const Series& one) {
    for (size_t point = one.present.size(); point > 0; --point) {
      if (one.present[point - 1]) return one.values[point - 1];
    }
    return std::numeric_limits<double>::quiet_NaN();
  };
  std::stable_sort(series.begin(), series.end(),
                   [&](const Series& a, const Series& b) { return Before(last(a), last(b), descending); });
}

void DropEmpty(Matrix& matrix) {
  std::erase_if(matrix.series, [](const Series& series) {
    return std::find(series.present.begin(), series.present.end(), true) == series.present.end();
  });
}

// At each point the k best of each group stay.
void KeepBest(const plan::VectorAggregate& aggregate, Matrix& matrix) {
  const bool descending = aggregate.function == VectorFunction::kTopK;
  const auto k = static_cast<size_t>(std::max<int64_t>(0, aggregate.k));
  for (const auto& [labels, members] : GroupSeries(matrix, aggregate.grouping)) {
    for (size_t point = 0; point < matrix.grid.points(); ++point) {
      std::vector<size_t> there;
      for (const size_t i : members) {
        if (matrix.series[i].present[point]) there.push_back(i);
      }
      std::stable_sort(there.begin(), there.end(), [&](size_t a, size_t b) {
        return Before(matrix.series[a].values[point], matrix.series[b].values[point], descending);
      });
      for (size_t i = k; i < there.size(); ++i) matrix.series[there[i]].present[point] = false;
    }
  }
  DropEmpty(matrix);
  SortSeries(matrix.series, descending);
  matrix.ordered = true;
}

Labels SignatureOf(const plan::Join& join, const Labels& labels) {
  if (join.match == plan::Join::Match::kAll) return labels;
  return Chosen(labels, join.labels, join.match == plan::Join::Match::kIgnoring);
}

using Signatures = std::map<Labels, std::vector<size_t>>;

Signatures Index(const plan::Join& join, const Matrix& matrix) {
  Signatures index;
  for (size_t i = 0; i < matrix.series.size(); ++i) {
    index[SignatureOf(join, matrix.series[i].labels)].push_back(i);
  }
  return index;
}

bool AnyPresent(const Matrix& matrix, const std::vector<size_t>* members, size_t point) {
  return members != nullptr && std::any_of(members->begin(), members->end(),
                                           [&](size_t i) { return matrix.series[i].present[point]; });
}

const std::vector<size_t>* Lookup(const Signatures& index, const Labels& signature) {
  const auto found = index.find(signature);
  return found == index.end() ? nullptr : &found->second;
}

void JoinSets(const plan::Join& join, Matrix& left, const Matrix& right) {
  const Signatures of_right = Index(join, right);
  const Signatures of_left = Index(join, left);
  const size_t points = left.grid.points();
  std::vector<Series> added;
  if (join.op == BinaryOperator::kOr) {
    for (const Series& series : right.series) {
      const auto* members = Lookup(of_left, SignatureOf(join, series.labels));
      Series extra = series;
      for (size_t point = 0; point < points; ++point) {
        if (AnyPresent(left, members, point)) extra.present[point] = false;
      }
      added.push_back(std::move(extra));
    }
  } else {
    for (Series& series : left.series) {
      const auto* members = Lookup(of_right, SignatureOf(join, series.labels));
      for (size_t point = 0; point < points; ++point) {
        const bool there = AnyPresent(right, members, point);
        if (there != (join.op == BinaryOperator::kAnd)) series.present[point] = false;
      }
    }
  }
  for (Series& series : added) {
    const auto same = std::find_if(left.series.begin(), left.series.end(),
                                   [&](const Series& one) { return one.labels == series.labels; });
    if (same == left.series.end()) {
      left.series.push_back(std::move(series));
      continue;
    }
    for (size_t point = 0; point < points; ++point) {
      if (!series.present[point]) continue;
      same->present[point] = true;
      same->values[point] = series.values[point];
    }
  }
  DropEmpty(left);
}

Labels ResultLabels(const plan::Join& join, const Labels& many, const Labels& one) {
  if (join.cardinality == plan::Join::Cardinality::kOneToOne) {
    return join.match == plan::Join::Match::kAll
               ? many
               : Chosen(many, join.labels, join.match == plan::Join::Match::kIgnoring);
  }
  Labels labels = Chosen(many, join.include, /*without=*/true);
  for (const auto& label : one) {
    if (std::find(join.include.begin(), join.include.end(), label.first) != join.include.end()) {
      labels.push_back(label);
    }
  }
  std::sort(labels.begin(), labels.end());
  return labels;
}

absl::Status ManyToMany(const char* side) {
  return absl::InvalidArgumentError(std::string("found duplicate series on the ") + side +
                                    " hand-side; many-to-many matching not allowed: matching labels must be "
                                    "unique on one side");
}

// The one member that is there at this point, or SIZE_MAX; false: there are several.
bool OnlyPresent(const Matrix& matrix, const std::vector<size_t>& members, size_t point, size_t& only) {
  only = SIZE_MAX;
  for (const size_t i : members) {
    if (!matrix.series[i].present[point]) continue;
    if (only != SIZE_MAX) return false;
    only = i;
  }
  return true;
}

// The results of one series of the many side, by their labels (which differ when the one side's change).
absl::Status JoinOne(const plan::Join& join, const Series& many, const Matrix& ones,
                     const std::vector<size_t>& members, bool many_is_left,
                     std::map<Labels, Series>& results) {
  const size_t points = ones.grid.points();
  for (size_t point = 0; point < points; ++point) {
    if (!many.present[point]) continue;
    size_t only = SIZE_MAX;
    if (!OnlyPresent(ones, members, point, only)) return ManyToMany(many_is_left ? "right" : "left");
    if (only == SIZE_MAX) continue;
    const Series& one = ones.series[only];
    const double left = many_is_left ? many.values[point] : one.values[point];
    const double right = many_is_left ? one.values[point] : many.values[point];
    double value = 0;
    if (!Operate(join.op, left, right, join.returns_bool, /*keeps_right=*/false, value)) continue;
    Labels labels = ResultLabels(join, many.labels, one.labels);
    Series& series = results[labels];
    if (series.values.empty()) {
      series.labels = std::move(labels);
      series.values.resize(points);
      series.present.resize(points);
    }
    if (series.present[point]) {
      return absl::InvalidArgumentError(
          join.cardinality == plan::Join::Cardinality::kOneToOne
              ? "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
              : "multiple matches for labels: grouping labels must ensure unique matches");
    }
    series.present[point] = true;
    series.values[point] = value;
  }
  return absl::OkStatus();
}

void SetLabel(Labels& labels, const std::string& name, const std::string& value) {
  std::erase_if(labels, [&](const auto& label) { return label.first == name; });
  if (!value.empty()) labels.emplace_back(name, value);
  std::sort(labels.begin(), labels.end());
}

}  // namespace

Matrix MakeConstantMatrix(const plan::ConstantVector& constant) {
  Matrix matrix;
  matrix.grid = constant.grid;
  Series series;
  series.values.assign(constant.grid.points(), constant.value);
  series.present.assign(constant.grid.points(), true);
  matrix.series.push_back(std::move(series));
  return matrix;
}

bool Operate(BinaryOperator op, double left, double right, bool returns_bool, bool keeps_right,
             double& result) {
  if (!IsComparison(op)) {
    result = Compute(op, left, right);
    return true;
  }
  const bool holds = Holds(op, left, right);
  result = returns_bool ? (holds ? 1 : 0) : keeps_right ? right : left;
  return holds || returns_bool;
}

void Apply(const plan::VectorAggregate& aggregate, Matrix& matrix) {
  switch (aggregate.function) {
    case VectorFunction::kSort:
    case VectorFunction::kSortDescending:
      SortSeries(matrix.series, aggregate.function == VectorFunction::kSortDescending);
      matrix.ordered = true;
      return;
    case VectorFunction::kTopK:
    case VectorFunction::kBottomK:
      return KeepBest(aggregate, matrix);
    default:
      break;
  }
  std::vector<Series> reduced;
  for (const auto& [labels, members] : GroupSeries(matrix, aggregate.grouping)) {
    reduced.push_back(ReduceGroup(matrix, aggregate, labels, members));
  }
  matrix.series = std::move(reduced);
  matrix.ordered = false;
}

void Apply(const plan::ScalarOperation& operation, Matrix& matrix) {
  for (Series& series : matrix.series) {
    for (size_t point = 0; point < series.values.size(); ++point) {
      if (!series.present[point]) continue;
      double& value = series.values[point];
      const double left = operation.scalar_left ? operation.scalar : value;
      const double right = operation.scalar_left ? value : operation.scalar;
      double result = 0;
      series.present[point] =
          Operate(operation.op, left, right, operation.returns_bool, operation.scalar_left, result);
      value = result;
    }
  }
  DropEmpty(matrix);
}

absl::Status Apply(const plan::LabelReplace& replace, Matrix& matrix) {
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 regex("^(?s:" + replace.regex + ")$", options);
  if (!regex.ok())
    return absl::InvalidArgumentError("invalid regular expression in label_replace(): " + replace.regex);
  const std::string rewrite = templates::RewriteOf(replace.replacement, regex);
  std::set<Labels> seen;
  for (Series& series : matrix.series) {
    const std::string source(series.Label(replace.source));
    re2::StringPiece groups[10];
    const int wanted = std::min(10, regex.NumberOfCapturingGroups() + 1);
    if (regex.Match(source, 0, source.size(), RE2::UNANCHORED, groups, wanted)) {
      std::string value;
      for (size_t i = 0; i < rewrite.size(); ++i) {
        if (rewrite[i] != '\\' || i + 1 >= rewrite.size()) {
          value += rewrite[i];
        } else if (rewrite[++i] == '\\') {
          value += '\\';
        } else if (const int group = rewrite[i] - '0'; group < wanted) {
          value.append(groups[group].data(), groups[group].size());
        }
      }
      SetLabel(series.labels, replace.destination, value);
    }
    if (!seen.insert(series.labels).second) {
      return absl::InvalidArgumentError("vector cannot contain metrics with the same labelset");
    }
  }
  return absl::OkStatus();
}

absl::Status ApplyJoin(const plan::Join& join, Matrix& left, const Matrix& right) {
  const bool is_set =
      join.op == BinaryOperator::kAnd || join.op == BinaryOperator::kOr || join.op == BinaryOperator::kUnless;
  if (!(left.grid == right.grid)) return absl::InternalError("the sides of a join have different points");
  left.ordered = false;
  if (is_set) {
    JoinSets(join, left, right);
    return absl::OkStatus();
  }
  const bool many_is_left = join.cardinality != plan::Join::Cardinality::kOneToMany;
  const Matrix& many = many_is_left ? left : right;
  const Matrix& ones = many_is_left ? right : left;
  const Signatures index = Index(join, ones);
  std::map<Labels, Series> results;
  for (const Series& series : many.series) {
    const auto* members = Lookup(index, SignatureOf(join, series.labels));
    if (members == nullptr) continue;
    TAFFRAIL_RETURN_IF_ERROR(JoinOne(join, series, ones, *members, many_is_left, results));
  }
  Matrix joined;
  joined.grid = left.grid;
  for (auto& [labels, series] : results) joined.series.push_back(std::move(series));
  left = std::move(joined);
  return absl::OkStatus();
}

}  // namespace taffrail::query::exec
