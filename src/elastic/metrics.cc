#include "elastic/metrics.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "absl/time/time.h"
#include "fmt/format.h"
#include "query/lang/elastic/dates.h"
#include "record/json_writer.h"

namespace taffrail::elastic {
namespace {

namespace lang = query::lang::elastic;
using expr::Value;
using lang::Aggregation;
using Kind = Aggregation::Kind;
using query::plan::Call;
using query::plan::Function;

constexpr int64_t kMillisNs = 1'000'000;

std::optional<double> NumberOf(const Value* values, size_t i) {
  double number = 0;
  if (values == nullptr || std::holds_alternative<expr::Missing>(values[i]) ||
      !expr::ToNumber(values[i], number)) {
    return std::nullopt;
  }
  return number;
}

int64_t CountAt(const Value* values, size_t i) {
  const auto number = NumberOf(values, i);
  return number ? static_cast<int64_t>(*number) : 0;
}

bool IsTime(const Aggregation& metric) { return metric.field.kind == lang::Field::Kind::kTime; }

// A member, and for times another with the text.
void AppendNumber(const Aggregation& metric, std::string_view name, std::optional<double> value,
                  std::string& out) {
  if (out.back() != '{') out += ',';
  out += fmt::format("\"{}\":", name);
  if (!value || !std::isfinite(*value)) {
    out += "null";
    return;
  }
  AppendJavaDouble(*value, out);
  if (!IsTime(metric) || std::abs(*value) > 9e12) return;
  out += fmt::format(",\"{}_as_string\":", name);
  const int64_t time_ns = static_cast<int64_t>(std::llround(*value)) * kMillisNs;
  record::AppendJsonString(lang::FormatDate(time_ns, metric.format, absl::UTCTimeZone()), out);
}

void AppendStats(const Aggregation& metric, const Value* values, std::string& out) {
  const int64_t count = CountAt(values, 0);
  const auto of = [&](size_t i) { return count > 0 ? NumberOf(values, i) : std::nullopt; };
  out += fmt::format("\"count\":{}", count);
  AppendNumber(metric, "min", of(1), out);
  AppendNumber(metric, "max", of(2), out);
  AppendNumber(metric, "avg", of(3), out);
  AppendNumber(metric, "sum", NumberOf(values, 4).value_or(0), out);
}

void AppendExtended(const Aggregation& metric, const Value* values, std::string& out) {
  const auto count = static_cast<double>(CountAt(values, 0));
  const auto avg = NumberOf(values, 3);
  const auto deviation = NumberOf(values, 5);
  std::optional<double> variance;
  std::optional<double> sampling;
  if (deviation) variance = *deviation * *deviation;
  if (variance && count > 1) sampling = *variance * count / (count - 1);
  const auto root = [](std::optional<double> of) { return of ? std::optional(std::sqrt(*of)) : of; };
  std::optional<double> squares;
  if (variance && avg) squares = count * (*variance + *avg * *avg);
  AppendNumber(metric, "sum_of_squares", squares, out);
  AppendNumber(metric, "variance", variance, out);
  AppendNumber(metric, "variance_population", variance, out);
  AppendNumber(metric, "variance_sampling", sampling, out);
  AppendNumber(metric, "std_deviation", deviation, out);
  AppendNumber(metric, "std_deviation_population", deviation, out);
  AppendNumber(metric, "std_deviation_sampling", root(sampling), out);
  out += ",\"std_deviation_bounds\":{";
  const auto bound = [&](std::string_view name, double sign, std::optional<double> width) {
    const bool known = avg && width;
    AppendNumber(metric, name, known ? std::optional(*avg + sign * metric.sigma * *width) : std::nullopt,
                 out);
  };
  bound("upper", 1, deviation);
  bound("lower", -1, deviation);
  bound("upper_population", 1, deviation);
  bound("lower_population", -1, deviation);
  bound("upper_sampling", 1, root(sampling));
  bound("lower_sampling", -1, root(sampling));
  out += '}';
}

void AppendPercentiles(const Aggregation& metric, const Value* values, std::string& out) {
  out += metric.keyed ? "\"values\":{" : "\"values\":[";
  for (size_t i = 0; i < metric.percents.size(); ++i) {
    std::string percent;
    AppendJavaDouble(metric.percents[i], percent);
    if (metric.keyed) {
      AppendNumber(metric, percent, NumberOf(values, i), out);
      continue;
    }
    if (i > 0) out += ',';
    out += "{\"key\":" + percent;
    AppendNumber(metric, "value", NumberOf(values, i), out);
    out += '}';
  }
  out += metric.keyed ? '}' : ']';
}

}  // namespace

void AppendJavaDouble(double value, std::string& out) {
  constexpr double kMostPlain = 9'007'199'254'740'992.0;  // 2^53
  if (value == std::floor(value) && std::abs(value) < kMostPlain) {
    out += fmt::format("{:.1f}", value);
  } else {
    record::AppendDouble(value, out);
  }
}

void AddCalls(const Aggregation& metric, std::vector<Call>& calls) {
  Call call;
  call.has_field = true;
  call.field = metric.field.ref;
  if (IsTime(metric)) call.field = {expr::FieldRef::Source::kLabel, std::string(kMillisField)};
  const auto add = [&](Function function, double quantile = 0) {
    call.name = fmt::format("m{}", calls.size());
    call.function = function;
    call.quantile = quantile;
    calls.push_back(call);
  };
  switch (metric.kind) {
    case Kind::kAvg:
      return add(Function::kAvg);
    case Kind::kMin:
      return add(Function::kMin);
    case Kind::kMax:
      return add(Function::kMax);
    case Kind::kSum:
      return add(Function::kSum);
    case Kind::kValueCount:
      return add(Function::kCount);
    case Kind::kCardinality:
      return add(Function::kCountDistinct);
    case Kind::kStats:
    case Kind::kExtendedStats:
      add(Function::kCount);
      add(Function::kMin);
      add(Function::kMax);
      add(Function::kAvg);
      add(Function::kSum);
      if (metric.kind == Kind::kExtendedStats) add(Function::kStddev);
      return;
    case Kind::kPercentiles:
      for (const double percent : metric.percents) add(Function::kQuantile, percent / 100);
      return;
    default:
      return;
  }
}

size_t CallCount(const Aggregation& metric) {
  std::vector<Call> calls;
  AddCalls(metric, calls);
  return calls.size();
}

bool NeedsMillis(const Aggregation& metric) {
  return metric.IsMetric() && metric.kind != Kind::kTopHits && IsTime(metric);
}

void AppendMetric(const Aggregation& metric, const Value* values, std::string& out) {
  out += '{';
  switch (metric.kind) {
    case Kind::kValueCount:
    case Kind::kCardinality:
      out += fmt::format("\"value\":{}", CountAt(values, 0));
      break;
    case Kind::kSum:
      AppendNumber(metric, "value", NumberOf(values, 0).value_or(0), out);
      break;
    case Kind::kStats:
      AppendStats(metric, values, out);
      break;
    case Kind::kExtendedStats:
      AppendStats(metric, values, out);
      AppendExtended(metric, values, out);
      break;
    case Kind::kPercentiles:
      AppendPercentiles(metric, values, out);
      break;
    default:
      AppendNumber(metric, "value", NumberOf(values, 0), out);
  }
  out += '}';
}

std::optional<double> MetricValue(const Aggregation& metric, const Value* values, std::string_view part) {
  if (metric.kind == Kind::kStats || metric.kind == Kind::kExtendedStats) {
    constexpr std::string_view kParts[] = {"count", "min", "max", "avg", "sum", "std_deviation"};
    const auto* const found = std::find(std::begin(kParts), std::end(kParts), part);
    const auto index = static_cast<size_t>(found - std::begin(kParts));
    return index < CallCount(metric) ? NumberOf(values, index) : std::nullopt;
  }
  if (metric.kind == Kind::kPercentiles) {
    double wanted = 0;
    std::from_chars(part.data(), part.data() + part.size(), wanted);
    const auto found = std::find(metric.percents.begin(), metric.percents.end(), wanted);
    if (found == metric.percents.end()) return std::nullopt;
    return NumberOf(values, static_cast<size_t>(found - metric.percents.begin()));
  }
  return NumberOf(values, 0);
}

}  // namespace taffrail::elastic
