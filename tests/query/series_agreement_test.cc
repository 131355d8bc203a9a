// Random metric plans over random lines: the executor, with every pass of the optimizer and without each,
// gives what a reference gives that looks at every line again for every point and shares no code with it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "query/exec/batch_engine.h"
#include "query/exec/executor.h"
#include "query/exec/optimize.h"
#include "query/exec/series.h"
#include "query/plan/text.h"
#include "record/batch_builder.h"

namespace taffrail::query_test {
namespace {

namespace exec = query::exec;
namespace plan = query::plan;
using plan::RangeFunction;
using plan::VectorFunction;

using Labels = std::map<std::string, std::string>;
using Point = std::map<Labels, double>;  // the series that have a value at one point
using Points = std::vector<Point>;

constexpr int64_t kSecondNs = 1'000'000'000;

struct Line {
  int64_t time_ns;
  Labels labels;  // all of them, v too
  double value;
  bool has_value;
  size_t bytes;
};

struct Data {
  std::vector<Line> lines;
  record::RecordBatch batch;
};

Data MakeData(std::mt19937_64& random) {
  Data data;
  record::BatchBuilder builder;
  int64_t time_ns = 0;
  for (int i = 0; i < 120; ++i) {
    time_ns += static_cast<int64_t>(random() % 4) * kSecondNs / 2;
    const Labels stream = {{"app", random() % 2 == 0 ? "api" : "web"}};
    Line line{time_ns, stream, 0, random() % 5 != 0, 0};
    std::string text = std::string("a=") + "xyz"[random() % 3];
    line.labels["a"] = text.substr(2);
    if (random() % 3 != 0) {
      line.labels["b"] = std::to_string(random() % 2);
      text += " b=" + line.labels["b"];
    }
    if (line.has_value) {
      line.labels["v"] = std::to_string(random() % 50) + ".5";
      line.value = std::stod(line.labels["v"]);
      text += " v=" + line.labels["v"];
    }
    line.bytes = text.size();
    builder.SetStream({stream.begin(), stream.end()});
    builder.Append(text, time_ns);
    data.lines.push_back(std::move(line));
  }
  data.batch = builder.Finish();
  return data;
}

Labels Grouped(const Labels& labels, const std::optional<plan::Grouping>& grouping) {
  if (!grouping) return labels;
  Labels kept;
  for (const auto& [name, value] : labels) {
    const auto& named = grouping->labels;
    if ((std::find(named.begin(), named.end(), name) != named.end()) != grouping->without) kept[name] = value;
  }
  return kept;
}

double Quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double rank = q * static_cast<double>(values.size() - 1);
  const auto low = static_cast<size_t>(rank);
  const double high = values[std::min(low + 1, values.size() - 1)];
  return values[low] + (high - values[low]) * (rank - static_cast<double>(low));
}

double Variance(const std::vector<double>& values) {
  double mean = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  double variance = 0;
  for (const double value : values)
    variance += (value - mean) * (value - mean) / static_cast<double>(values.size());
  return variance;
}

double Sum(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

double Reduce(const plan::RangeAggregate& range, const std::vector<double>& values, double bytes) {
  const double seconds = static_cast<double>(range.range_ns) / 1e9;
  switch (range.function) {
    case RangeFunction::kCount:
      return static_cast<double>(values.size());
    case RangeFunction::kRate:
      return static_cast<double>(values.size()) / seconds;
    case RangeFunction::kBytes:
      return bytes;
    case RangeFunction::kSum:
      return Sum(values);
    case RangeFunction::kSumRate:
      return Sum(values) / seconds;
    case RangeFunction::kAvg:
      return Sum(values) / static_cast<double>(values.size());
    case RangeFunction::kMin:
      return *std::min_element(values.begin(), values.end());
    case RangeFunction::kMax:
      return *std::max_element(values.begin(), values.end());
    case RangeFunction::kFirst:
      return values.front();
    case RangeFunction::kLast:
      return values.back();
    case RangeFunction::kStdvar:
      return Variance(values);
    case RangeFunction::kStddev:
      return std::sqrt(Variance(values));
    default:
      return Quantile(values, range.quantile);
  }
}

Points RunRange(const plan::RangeAggregate& range, bool unwraps, const Data& data) {
  Points points(range.grid.points());
  for (size_t point = 0; point < points.size(); ++point) {
    const int64_t end_ns = range.grid.At(point) - range.offset_ns;
    std::map<Labels, std::vector<double>> values;
    std::map<Labels, double> bytes;
    for (const Line& line : data.lines) {
      if (line.time_ns > end_ns || line.time_ns <= end_ns - range.range_ns) continue;
      if (unwraps && !line.has_value) continue;
      const Labels labels = Grouped(line.labels, range.grouping);
      values[labels].push_back(line.value);
      bytes[labels] += static_cast<double>(line.bytes);
    }
    for (const auto& [labels, group] : values) points[point][labels] = Reduce(range, group, bytes[labels]);
  }
  return points;
}

void RunVector(const plan::VectorAggregate& aggregate, Points& points) {
  for (Point& point : points) {
    std::map<Labels, std::vector<double>> groups;
    for (const auto& [labels, value] : point) groups[Grouped(labels, aggregate.grouping)].push_back(value);
    Point reduced;
    for (const auto& [labels, values] : groups) {
      const auto count = static_cast<double>(values.size());
      reduced[labels] = aggregate.function == VectorFunction::kSum     ? Sum(values)
                        : aggregate.function == VectorFunction::kAvg   ? Sum(values) / count
                        : aggregate.function == VectorFunction::kCount ? count
                        : aggregate.function == VectorFunction::kMin
                            ? *std::min_element(values.begin(), values.end())
                            : *std::max_element(values.begin(), values.end());
    }
    point = std::move(reduced);
  }
}

// `on`: the labels that match; those of the left that differ elsewhere share one of the right (group_left).
void RunJoin(const plan::Join& join, Points& left, const Points& right) {
  const plan::Grouping on{false, join.labels};
  for (size_t i = 0; i < left.size(); ++i) {
    std::map<Labels, double> ones;
    for (const auto& [labels, value] : right[i]) ones[Grouped(labels, on)] = value;
    Point joined;
    for (const auto& [labels, value] : left[i]) {
      const auto one = ones.find(Grouped(labels, on));
      switch (join.op) {
        case plan::BinaryOperator::kAnd:
          if (one != ones.end()) joined[labels] = value;
          break;
        case plan::BinaryOperator::kUnless:
          if (one == ones.end()) joined[labels] = value;
          break;
        case plan::BinaryOperator::kGreater:
          if (one != ones.end() && value > one->second) joined[labels] = value;
          break;
        default:
          if (one != ones.end()) joined[labels] = value - one->second;
      }
    }
    left[i] = std::move(joined);
  }
}

template <typename T, size_t kSize>
const T& Pick(std::mt19937_64& random, const T (&choices)[kSize]) {
  return choices[random() % kSize];
}

struct Query {
  plan::Plan plan;
  Points expected;
};

plan::RangeAggregate RandomRange(std::mt19937_64& random, const plan::Grid& grid, bool unwraps) {
  const RangeFunction kOfLines[] = {RangeFunction::kCount, RangeFunction::kRate, RangeFunction::kBytes};
  const RangeFunction kOfValues[] = {RangeFunction::kSum,     RangeFunction::kSumRate, RangeFunction::kAvg,
                                     RangeFunction::kMin,     RangeFunction::kMax,     RangeFunction::kFirst,
                                     RangeFunction::kLast,    RangeFunction::kStdvar,  RangeFunction::kStddev,
                                     RangeFunction::kQuantile};
  const int64_t kRanges[] = {kSecondNs, 5 * kSecondNs, 7 * kSecondNs / 2, 60 * kSecondNs};
  const int64_t kOffsets[] = {0, 0, 3 * kSecondNs, -2 * kSecondNs};
  const plan::Grouping kGroupings[] = {
      {false, {"app"}}, {false, {"app", "b"}}, {true, {"a", "v"}}, {false, {}}};
  plan::RangeAggregate range;
  range.function = unwraps ? Pick(random, kOfValues) : Pick(random, kOfLines);
  range.range_ns = Pick(random, kRanges);
  range.offset_ns = Pick(random, kOffsets);
  range.grid = grid;
  if (range.function == RangeFunction::kQuantile) range.quantile = static_cast<double>(random() % 5) / 4;
  if (random() % 2 == 0) range.grouping = Pick(random, kGroupings);
  return range;
}

Query RandomQuery(std::mt19937_64& random, const plan::Grid& grid, const Data& data, bool nested) {
  Query query;
  query.plan.source.order = plan::Order::kAscending;
  const bool unwraps = random() % 2 == 0;
  query.plan.stages.emplace_back(plan::ParseFields{.format = plan::ParseFields::Format::kLogfmt});
  if (unwraps) query.plan.stages.emplace_back(plan::Unwrap{.field = "v"});
  const plan::RangeAggregate range = RandomRange(random, grid, unwraps);
  query.plan.stages.emplace_back(range);
  query.expected = RunRange(range, unwraps, data);
  const VectorFunction kFunctions[] = {VectorFunction::kSum, VectorFunction::kAvg, VectorFunction::kCount,
                                       VectorFunction::kMin, VectorFunction::kMax};
  const plan::Grouping kGroupings[] = {{false, {"app"}}, {false, {}}, {true, {"a"}}, {false, {"app", "a"}}};
  if (nested || random() % 3 != 0) {
    const plan::VectorAggregate aggregate{Pick(random, kFunctions), 0,
                                          nested ? plan::Grouping{false, {"app"}} : Pick(random, kGroupings)};
    query.plan.stages.emplace_back(aggregate);
    RunVector(aggregate, query.expected);
  }
  if (nested || random() % 2 == 0) return query;
  const plan::BinaryOperator kOperators[] = {plan::BinaryOperator::kAnd, plan::BinaryOperator::kUnless,
                                             plan::BinaryOperator::kGreater, plan::BinaryOperator::kSubtract};
  const Query right = RandomQuery(random, grid, data, /*nested=*/true);
  plan::Join join;
  join.op = Pick(random, kOperators);
  join.match = plan::Join::Match::kOn;
  join.labels = {"app"};
  const bool is_set = join.op == plan::BinaryOperator::kAnd || join.op == plan::BinaryOperator::kUnless;
  if (!is_set) join.cardinality = plan::Join::Cardinality::kManyToOne;
  join.right = std::make_shared<const plan::Plan>(right.plan);
  RunJoin(join, query.expected, right.expected);
  query.plan.stages.emplace_back(std::move(join));
  return query;
}

class Answer final : public exec::ResultSink {
 public:
  bool OnColumns(const std::vector<std::string>&) override { return true; }
  bool OnRecord(const exec::LogRow&) override { return false; }
  bool OnRow(const std::vector<expr::Value>&) override { return false; }
  bool OnMatrix(const exec::Matrix& matrix) override {
    points.assign(matrix.grid.points(), {});
    for (const exec::Series& series : matrix.series) {
      for (size_t point = 0; point < points.size(); ++point) {
        if (!series.present[point]) continue;
        points[point][Labels(series.labels.begin(), series.labels.end())] = series.values[point];
      }
    }
    return true;
  }
  Points points;
};

void ExpectSame(const Points& expected, const Points& actual) {
  ASSERT_EQ(expected.size(), actual.size());
  for (size_t point = 0; point < expected.size(); ++point) {
    ASSERT_EQ(expected[point].size(), actual[point].size()) << "at point " << point;
    for (const auto& [labels, value] : expected[point]) {
      const auto found = actual[point].find(labels);
      ASSERT_NE(found, actual[point].end()) << "at point " << point;
      ASSERT_NEAR(found->second, value, 1e-9 * std::max(1.0, std::abs(value))) << "at point " << point;
    }
  }
}

TEST(SeriesAgreementTest, ExecutorAndReferenceAgree) {  // REQ
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    std::mt19937_64 random(seed);
    const Data data = MakeData(random);
    for (int round = 0; round < 60; ++round) {
      const int64_t kSteps[] = {kSecondNs, 3 * kSecondNs, 20 * kSecondNs};
      const int64_t from_ns = static_cast<int64_t>(random() % 20) * kSecondNs;
      const plan::Grid grid{from_ns, from_ns + static_cast<int64_t>(random() % 90) * kSecondNs,
                            Pick(random, kSteps)};
      const Query query = RandomQuery(random, grid, data, /*nested=*/false);
      const std::string text = plan::ToString(query.plan);
      SCOPED_TRACE("seed " + std::to_string(seed) + " round " + std::to_string(round) + "\n" + text);
      const auto parsed = plan::Parse(text);
      ASSERT_TRUE(parsed.ok()) << parsed.status();
      ASSERT_TRUE(plan::Equal(query.plan, *parsed));
      std::vector<std::vector<std::string>> without = {{}};
      for (const exec::Pass& pass : exec::Passes()) without.push_back({std::string(pass.name)});
      for (const std::vector<std::string>& passes : without) {
        exec::ExecOptions options;
        options.disabled_passes = passes;
        exec::BatchEngine engine({data.batch});
        Answer answer;
        exec::ExecStats stats;
        const absl::Status status = exec::Execute(*parsed, engine, answer, options, stats);
        ASSERT_TRUE(status.ok()) << status;
        ASSERT_NO_FATAL_FAILURE(ExpectSame(query.expected, answer.points))
            << (passes.empty() ? "" : passes[0]);
      }
    }
  }
}

}  // namespace
}  // namespace taffrail::query_test
