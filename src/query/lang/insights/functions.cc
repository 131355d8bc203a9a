#include "query/lang/insights/functions.h"

#include <algorithm>
#include <charconv>

#include "base/duration.h"
#include "fmt/format.h"
#include "query/lang/insights/lexer.h"

namespace taffrail::query::lang::insights {
namespace {

constexpr size_t kMany = 64;  // as the plan's functions
using Times = Function::Times;

constexpr Function kFunctions[] = {
    {"abs", 1, 1, "abs", Type::kAny, Times::kAsNumbers, "abs(number)"},
    {"ceil", 1, 1, "ceil", Type::kAny, Times::kAsNumbers, "ceil(number)"},
    {"floor", 1, 1, "floor", Type::kAny, Times::kAsNumbers, "floor(number)"},
    {"greatest", 1, kMany, "greatest", Type::kAny, Times::kAsNumbers, "greatest(a, b, …)"},
    {"least", 1, kMany, "least", Type::kAny, Times::kAsNumbers, "least(a, b, …)"},
    {"log", 1, 1, "log", Type::kAny, Times::kAsNumbers, "log(number)"},
    {"sqrt", 1, 1, "sqrt", Type::kAny, Times::kAsNumbers, "sqrt(number)"},

    {"ispresent", 1, 1, "is_present", Type::kBool, Times::kAsThey, "ispresent(field)"},
    {"coalesce", 1, kMany, "coalesce", Type::kAny, Times::kAsTexts, "coalesce(a, b, …)"},

    {"bin", 1, 1, "", Type::kTime, Times::kAsThey, "bin(5m)"},
    {"datefloor", 2, 2, "", Type::kTime, Times::kAsThey, "datefloor(@timestamp, 1h)"},
    {"dateceil", 2, 2, "", Type::kTime, Times::kAsThey, "dateceil(@timestamp, 1h)"},
    {"fromMillis", 1, 1, "from_millis", Type::kTime, Times::kAsNumbers, "fromMillis(number)"},
    {"toMillis", 1, 1, "to_number", Type::kAny, Times::kAsNumbers, "toMillis(@timestamp)"},
    {"now", 0, 0, "", Type::kAny, Times::kAsThey, "now()"},

    {"isempty", 1, 1, "is_empty", Type::kBool, Times::kAsTexts, "isempty(field)"},
    {"isblank", 1, 1, "is_blank", Type::kBool, Times::kAsTexts, "isblank(field)"},
    {"concat", 1, kMany, "concat", Type::kAny, Times::kAsTexts, "concat(a, b, …)"},
    {"ltrim", 1, 2, "ltrim", Type::kAny, Times::kAsTexts, "ltrim(text [, characters])"},
    {"rtrim", 1, 2, "rtrim", Type::kAny, Times::kAsTexts, "rtrim(text [, characters])"},
    {"trim", 1, 2, "trim", Type::kAny, Times::kAsTexts, "trim(text [, characters])"},
    {"strlen", 1, 1, "strlen", Type::kAny, Times::kAsTexts, "strlen(text)"},
    {"toupper", 1, 1, "upper", Type::kAny, Times::kAsTexts, "toupper(text)"},
    {"tolower", 1, 1, "lower", Type::kAny, Times::kAsTexts, "tolower(text)"},
    {"substr", 2, 3, "substr", Type::kAny, Times::kAsTexts, "substr(text, start [, length])"},
    {"replace", 3, 3, "replace", Type::kAny, Times::kAsTexts, "replace(text, what, with)"},
    {"strcontains", 2, 2, "contains", Type::kBool, Times::kAsTexts, "strcontains(text, what)"},

    {"isValidIp", 1, 1, "is_ip", Type::kBool, Times::kAsTexts, "isValidIp(field)"},
    {"isValidIpV4", 1, 1, "is_ipv4", Type::kBool, Times::kAsTexts, "isValidIpV4(field)"},
    {"isValidIpV6", 1, 1, "is_ipv6", Type::kBool, Times::kAsTexts, "isValidIpV6(field)"},
    {"isIpInSubnet", 2, 2, "", Type::kBool, Times::kAsTexts, "isIpInSubnet(field, \"10.0.0.0/8\")"},
    {"isIpv4InSubnet", 2, 2, "", Type::kBool, Times::kAsTexts, "isIpv4InSubnet(field, \"10.0.0.0/8\")"},
    {"isIpv6InSubnet", 2, 2, "", Type::kBool, Times::kAsTexts, "isIpv6InSubnet(field, \"fd00::/8\")"},

    {"jsonParse", 1, 1, "json_parse", Type::kAny, Times::kAsTexts, "jsonParse(text)"},
    {"jsonStringify", 1, 1, "json_text", Type::kAny, Times::kAsTexts, "jsonStringify(value)"},
};

// First and last by time: the compiler puts the rows in that order.
constexpr AggregateFunction kAggregates[] = {
    {"count", plan::Function::kCount, "count(*) or count(field)"},
    {"count_distinct", plan::Function::kCountDistinct, "count_distinct(field)"},
    {"avg", plan::Function::kAvg, "avg(field)"},
    {"sum", plan::Function::kSum, "sum(field)"},
    {"min", plan::Function::kMin, "min(field)"},
    {"max", plan::Function::kMax, "max(field)"},
    {"pct", plan::Function::kQuantile, "pct(field, 95)"},
    {"stddev", plan::Function::kStddev, "stddev(field)"},
    {"earliest", plan::Function::kFirst, "earliest(field)"},
    {"latest", plan::Function::kLast, "latest(field)"},
    {"sortsFirst", plan::Function::kMin, "sortsFirst(field)"},
    {"sortsLast", plan::Function::kMax, "sortsLast(field)"},
};

template <typename T, size_t kSize>
const T* Find(const T (&table)[kSize], std::string_view name) {
  const T* const found = std::find_if(std::begin(table), std::end(table),
                                      [name](const T& each) { return EqualsIgnoringCase(each.name, name); });
  return found == std::end(table) ? nullptr : found;
}

struct Unit {
  std::string_view short_name;
  std::string_view middle_name;
  std::string_view long_name;
  int64_t length_ns;
  int64_t months;
};
constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kDay = 86'400'000 * kMillisecond;
constexpr Unit kUnits[] = {
    {"ms", "msec", "millisecond", kMillisecond, 0},
    {"s", "sec", "second", 1000 * kMillisecond, 0},
    {"m", "min", "minute", 60'000 * kMillisecond, 0},
    {"h", "hr", "hour", 3'600'000 * kMillisecond, 0},
    {"d", "d", "day", kDay, 0},
    {"w", "w", "week", 7 * kDay, 0},
    {"mo", "mon", "month", 0, 1},
    {"q", "qtr", "quarter", 0, 3},
    {"y", "yr", "year", 0, 12},
};

bool IsUnit(std::string_view written, std::string_view name) {
  return EqualsIgnoringCase(written, name) ||
         (name.size() > 1 && written.size() == name.size() + 1 && (written.back() | 0x20) == 's' &&
          EqualsIgnoringCase(written.substr(0, name.size()), name));
}

}  // namespace

const Function* FindFunction(std::string_view name) { return Find(kFunctions, name); }
const AggregateFunction* FindAggregate(std::string_view name) { return Find(kAggregates, name); }

std::vector<std::string_view> FunctionNames(bool aggregates) {
  std::vector<std::string_view> names;
  for (const Function& function : kFunctions) names.push_back(function.name);
  if (!aggregates) return names;
  for (const AggregateFunction& function : kAggregates) names.push_back(function.name);
  return names;
}

std::string Period::Text() const {
  return months > 0 ? fmt::format("{}mo", months) : base::FormatDuration(length_ns);
}

std::optional<Period> ParsePeriod(std::string_view text) {
  int64_t count = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
  constexpr int64_t kMost = 10'000;  // of a year; thirty million of a shorter unit make one too
  if (read.ec != std::errc() || count <= 0) return std::nullopt;
  const std::string_view written(read.ptr, static_cast<size_t>(text.data() + text.size() - read.ptr));
  for (const Unit& unit : kUnits) {
    if (!IsUnit(written, unit.short_name) && !IsUnit(written, unit.middle_name) &&
        !IsUnit(written, unit.long_name)) {
      continue;
    }
    if (count > kMost * (unit.length_ns > 0 ? std::max<int64_t>(1, kDay / unit.length_ns) : 1))
      return std::nullopt;
    return Period{count * unit.length_ns, count * unit.months};
  }
  return std::nullopt;
}

}  // namespace taffrail::query::lang::insights
