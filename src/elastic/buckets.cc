#include "elastic/buckets.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/time/time.h"
#include "base/duration.h"
#include "base/time_text.h"
#include "elastic/aggregate.h"
#include "elastic/metrics.h"
#include "expr/leaf.h"
#include "fmt/format.h"
#include "query/lang/elastic/dates.h"
#include "record/json_writer.h"

namespace taffrail::elastic {
namespace {

namespace lang = query::lang::elastic;
namespace plan = query::plan;
using expr::Expr;
using expr::ExprPtr;
using expr::Value;
using lang::Aggregation;
using Kind = Aggregation::Kind;
using Source = expr::FieldRef::Source;

constexpr int64_t kMillisNs = 1'000'000;
constexpr int64_t kQuarterHourNs = int64_t{900} * 1'000'000'000;

bool IsTime(const Aggregation& aggregation) { return aggregation.field.kind == lang::Field::Kind::kTime; }

// Intervals that lie the same in every zone, since clocks differ by quarters of an hour.
bool IsPlain(const base::Interval& interval) {
  using Unit = base::Interval::Unit;
  if (interval.offset_ns != 0) return false;
  const int64_t length_ns = interval.unit == Unit::kMinute ? kQuarterHourNs / 15 : interval.fixed_ns;
  const bool is_utc = interval.zone == absl::UTCTimeZone();
  if (interval.unit != Unit::kFixed && interval.unit != Unit::kMinute) return false;
  return is_utc || kQuarterHourNs % length_ns == 0;
}

plan::ScalarPtr TextConstant(std::string text) { return plan::MakeConstant(Value(std::move(text))); }

double NumberOf(const Value& value) {
  double number = 0;
  expr::ToNumber(value, number);
  return number;
}

bool IsMissing(const Value& value) {
  return std::holds_alternative<expr::Missing>(value) || std::holds_alternative<expr::Null>(value);
}

// -1, 0, 1 by one of the orders of terms.
int CompareBy(const Aggregation& aggregation, const Aggregation::Order& order, const Bucket& a,
              const Bucket& b) {
  int result = 0;
  if (order.path == "_count") {
    result = a.count < b.count ? -1 : a.count > b.count ? 1 : 0;
  } else if (order.path == "_key") {
    result = expr::CompareValues(a.keys[0], b.keys[0]);
  } else {
    const size_t dot = order.path.find_first_of(".[");
    std::string part = dot == std::string::npos ? "" : order.path.substr(dot + 1);
    if (part.ends_with(']')) part.pop_back();
    size_t first = 0;
    for (const Aggregation& child : aggregation.children) {
      if (!child.IsMetric()) continue;
      if (child.name == order.path.substr(0, dot)) {
        const auto left = MetricValue(child, a.metrics.empty() ? nullptr : &a.metrics[first], part);
        const auto right = MetricValue(child, b.metrics.empty() ? nullptr : &b.metrics[first], part);
        if (left.has_value() != right.has_value()) return left ? -1 : 1;  // nothing comes last
        if (left) result = *left < *right ? -1 : *left > *right ? 1 : 0;
        break;
      }
      first += CallCount(child);
    }
  }
  return order.descending ? -result : result;
}

void Sort(const Aggregation& aggregation, std::vector<Bucket>& buckets) {
  std::stable_sort(buckets.begin(), buckets.end(), [&](const Bucket& a, const Bucket& b) {
    for (const Aggregation::Order& order : aggregation.order) {
      if (const int result = CompareBy(aggregation, order, a, b); result != 0) return result < 0;
    }
    return expr::CompareValues(a.keys[0], b.keys[0]) < 0;
  });
}

// The intervals between the first and the last that have none.
absl::Status FillTimes(const Aggregation& aggregation, size_t most, std::vector<Bucket>& buckets) {
  std::optional<int64_t> first;
  std::optional<int64_t> last;
  if (!buckets.empty()) {
    first = std::get<int64_t>(buckets.front().keys[0]);
    last = std::get<int64_t>(buckets.back().keys[0]);
  }
  if (!aggregation.has_hard_bounds) {
    constexpr double kMostMillis = 9e12;
    const auto bound = [&](double millis) {
      const auto time_ns = static_cast<int64_t>(std::clamp(millis, -kMostMillis, kMostMillis)) * kMillisNs;
      return base::IntervalStart(time_ns, aggregation.interval);
    };
    if (aggregation.least) first = std::min(first.value_or(INT64_MAX), bound(*aggregation.least));
    if (aggregation.most) last = std::max(last.value_or(INT64_MIN), bound(*aggregation.most));
    if (!aggregation.least || !aggregation.most) {
      if (buckets.empty()) return absl::OkStatus();
    }
  }
  if (!first || !last) return absl::OkStatus();
  std::vector<Bucket> filled;
  size_t next = 0;
  for (int64_t start_ns = *first; start_ns <= *last;) {
    if (filled.size() > most) return TooManyBuckets(filled.size());
    while (next < buckets.size() && std::get<int64_t>(buckets[next].keys[0]) < start_ns) {
      filled.push_back(std::move(buckets[next++]));
    }
    if (next < buckets.size() && std::get<int64_t>(buckets[next].keys[0]) == start_ns) {
      filled.push_back(std::move(buckets[next++]));
    } else {
      filled.push_back({{start_ns}, 0, {}});
    }
    const int64_t following_ns = base::NextInterval(start_ns, aggregation.interval);
    if (following_ns <= start_ns) break;
    start_ns = following_ns;
  }
  while (next < buckets.size()) filled.push_back(std::move(buckets[next++]));
  buckets = std::move(filled);
  return absl::OkStatus();
}

absl::Status FillNumbers(const Aggregation& aggregation, size_t most, std::vector<Bucket>& buckets) {
  const auto place = [&](double value) {
    return std::floor((value - aggregation.offset) / aggregation.width);
  };
  std::optional<double> first;
  std::optional<double> last;
  if (!buckets.empty()) {
    first = place(NumberOf(buckets.front().keys[0]) + aggregation.width / 2);
    last = place(NumberOf(buckets.back().keys[0]) + aggregation.width / 2);
  }
  if (!aggregation.has_hard_bounds) {
    if (aggregation.least && (first || aggregation.most))
      first = std::min(first.value_or(1e300), place(*aggregation.least));
    if (aggregation.most && (last || aggregation.least))
      last = std::max(last.value_or(-1e300), place(*aggregation.most));
  }
  if (!first || !last) return absl::OkStatus();
  if (*last - *first > static_cast<double>(most)) return TooManyBuckets(kMaxBuckets + 1);
  std::vector<Bucket> filled;
  size_t next = 0;
  for (double at = *first; at <= *last; ++at) {
    if (next < buckets.size() && place(NumberOf(buckets[next].keys[0]) + aggregation.width / 2) == at) {
      filled.push_back(std::move(buckets[next++]));
    } else {
      filled.push_back({{expr::MakeNumber(at * aggregation.width + aggregation.offset)}, 0, {}});
    }
  }
  buckets = std::move(filled);
  return absl::OkStatus();
}

void DropOutside(const Aggregation& aggregation, std::vector<Bucket>& buckets) {
  if (!aggregation.has_hard_bounds) return;
  std::erase_if(buckets, [&](const Bucket& bucket) {
    const bool is_time = aggregation.kind == Kind::kDateHistogram;
    const double key = is_time ? static_cast<double>(lang::WholeMillis(std::get<int64_t>(bucket.keys[0])))
                               : NumberOf(bucket.keys[0]);
    return (aggregation.least && key < *aggregation.least) || (aggregation.most && key > *aggregation.most);
  });
}

}  // namespace

absl::Status TooManyBuckets(size_t count) {
  return lang::TypedError("too_many_buckets_exception",
                          fmt::format("Trying to create too many buckets. Must be less than or equal to: "
                                      "[{}] but was [{}]. This limit can "
                                      "be set by changing the [search.max_buckets] cluster level setting.",
                                      kMaxBuckets, count));
}

KeyPlan KeyOf(const Aggregation& aggregation, size_t number) {
  KeyPlan result;
  result.key.name = fmt::format("k{}", number);
  result.key.field = aggregation.field.ref;
  const std::string computed = fmt::format("__key{}", number);
  plan::ScalarPtr value;
  if (aggregation.kind == Kind::kDateHistogram) {
    const base::Interval& interval = aggregation.interval;
    if (IsPlain(interval)) {
      result.key.bucket_ns =
          interval.unit == base::Interval::Unit::kFixed ? interval.fixed_ns : kQuarterHourNs / 15;
      return result;
    }
    const std::string length = interval.unit == base::Interval::Unit::kFixed
                                   ? base::FormatDuration(interval.fixed_ns)
                                   : std::string(base::UnitName(interval.unit));
    const std::string zone = interval.zone.name();
    // Fixed zones have a name of their own making: "Fixed/UTC+02:00:00".
    constexpr std::string_view kFixed = "Fixed/UTC";
    const std::string offset = zone.starts_with(kFixed) ? zone.substr(kFixed.size(), 6) : zone;
    value = plan::MakeCall("calendar_bucket",
                           {plan::MakeField({Source::kTimestamp, ""}), TextConstant(length),
                            TextConstant(offset), TextConstant(base::FormatDuration(interval.offset_ns))});
  } else if (aggregation.kind == Kind::kHistogram) {
    const plan::ScalarPtr width = plan::MakeConstant(expr::MakeNumber(aggregation.width));
    const plan::ScalarPtr offset = plan::MakeConstant(expr::MakeNumber(aggregation.offset));
    plan::ScalarPtr number_of = plan::MakeCall("to_number", {plan::MakeField(aggregation.field.ref)});
    plan::ScalarPtr steps = plan::MakeCall(
        "floor", {plan::MakeCall("div", {plan::MakeCall("sub", {std::move(number_of), offset}), width})});
    value = plan::MakeCall("add", {plan::MakeCall("mul", {std::move(steps), width}), offset});
  } else {
    return result;
  }
  result.computed.push_back({computed, false, std::move(value)});
  result.key.field = {Source::kLabel, computed};
  return result;
}

Value Normal(const Aggregation& aggregation, Value value) {
  if (IsMissing(value)) return expr::Missing{};
  if (IsTime(aggregation)) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      if (const auto time_ns = base::ParseRfc3339(*text)) return *time_ns;
    }
    return value;
  }
  if (std::holds_alternative<expr::Number>(value)) {
    const double number = NumberOf(value);
    constexpr double kMostWhole = 9e15;
    if (aggregation.kind == Kind::kTerms && number == std::floor(number) && std::abs(number) < kMostWhole) {
      return static_cast<int64_t>(number);
    }
    return expr::MakeNumber(number);
  }
  return value;
}

ExprPtr ConditionOf(const Aggregation& aggregation, const Value& key) {
  const expr::FieldRef& field = aggregation.field.ref;
  if (IsMissing(key)) return expr::Not(expr::Leaf(Expr::Op::kExists, field, ""));
  const auto number_leaf = [&field](Expr::Op op, double bound) {
    Expr leaf;
    leaf.op = op;
    leaf.field = field;
    leaf.is_number = true;
    leaf.number = bound;
    return expr::Make(std::move(leaf));
  };
  if (aggregation.kind == Kind::kDateHistogram) {
    const int64_t start_ns = std::get<int64_t>(key);
    return expr::And({expr::TimeLeaf(Expr::Op::kGreaterEqual, start_ns),
                      expr::TimeLeaf(Expr::Op::kLess, base::NextInterval(start_ns, aggregation.interval))});
  }
  if (aggregation.kind == Kind::kHistogram) {
    const double start = NumberOf(key);
    return expr::And({number_leaf(Expr::Op::kGreaterEqual, start),
                      number_leaf(Expr::Op::kLess, start + aggregation.width)});
  }
  if (IsTime(aggregation)) return expr::TimeLeaf(Expr::Op::kEqual, std::get<int64_t>(key));
  return expr::Leaf(Expr::Op::kEqual, field, expr::ToText(key));
}

absl::Status Arrange(const Aggregation& aggregation, size_t most, std::vector<Bucket>& buckets,
                     uint64_t& others) {
  others = 0;
  if (aggregation.kind == Kind::kTerms) {
    Sort(aggregation, buckets);
    std::vector<Bucket> kept;
    for (Bucket& bucket : buckets) {
      if (bucket.count >= aggregation.min_doc_count && kept.size() < aggregation.size) {
        kept.push_back(std::move(bucket));
      } else {
        others += bucket.count;
      }
    }
    buckets = std::move(kept);
  } else {
    std::sort(buckets.begin(), buckets.end(),
              [](const Bucket& a, const Bucket& b) { return expr::CompareValues(a.keys[0], b.keys[0]) < 0; });
    DropOutside(aggregation, buckets);
    if (aggregation.min_doc_count == 0) {
      TAFFRAIL_RETURN_IF_ERROR(aggregation.kind == Kind::kDateHistogram
                                   ? FillTimes(aggregation, most, buckets)
                                   : FillNumbers(aggregation, most, buckets));
    }
    std::erase_if(buckets, [&](const Bucket& bucket) { return bucket.count < aggregation.min_doc_count; });
    if (!aggregation.order.empty()) Sort(aggregation, buckets);
  }
  return buckets.size() > most ? TooManyBuckets(buckets.size()) : absl::OkStatus();
}

void AppendKeyValue(const Aggregation& source, const Value& key, std::string& out) {
  if (IsMissing(key)) {
    out += "null";
  } else if (IsTime(source)) {
    const int64_t time_ns = std::get<int64_t>(key);
    if (source.format.empty() || source.format == "epoch_millis") {
      out += fmt::format("{}", lang::WholeMillis(time_ns));
    } else {
      record::AppendJsonString(lang::FormatDate(time_ns, source.format, source.interval.zone), out);
    }
  } else if (source.kind == Kind::kHistogram) {
    AppendJavaDouble(NumberOf(key), out);
  } else if (std::holds_alternative<expr::Json>(key)) {
    record::AppendJsonString(expr::ToText(key), out);
  } else {
    expr::AppendJson(key, out);
  }
}

std::string KeyText(const Aggregation& aggregation, const Value& key) {
  if (IsTime(aggregation))
    return lang::FormatDate(std::get<int64_t>(key), aggregation.format, aggregation.interval.zone);
  std::string text;
  AppendJavaDouble(NumberOf(key), text);
  return text;
}

void AppendKey(const Aggregation& aggregation, const Value& key, std::string& out) {
  if (IsTime(aggregation)) {
    out += "\"key_as_string\":";
    record::AppendJsonString(KeyText(aggregation, key), out);
    out += fmt::format(",\"key\":{}", lang::WholeMillis(std::get<int64_t>(key)));
    return;
  }
  out += "\"key\":";
  if (const auto* truth = std::get_if<bool>(&key)) {
    out += fmt::format("{},\"key_as_string\":\"{}\"", *truth ? 1 : 0, *truth);
  } else {
    AppendKeyValue(aggregation, key, out);
  }
}

}  // namespace taffrail::elastic
