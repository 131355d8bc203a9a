// calendar_bucket by the calendar of the standard library: on a clock that is so far ahead of UTC, less the
// offset.
#include <chrono>
#include <cstdlib>

#include "query/reference.h"

namespace taffrail::query_test {
namespace {

using query::plan::Scalar;

constexpr int64_t kSecondNs = 1'000'000'000;

// "90m", "6h", "-13s"
int64_t LengthNs(const std::string& text) {
  char* unit = nullptr;
  const int64_t count = std::strtoll(text.c_str(), &unit, 10);
  return count * kSecondNs * (*unit == 'h' ? 3600 : *unit == 'm' ? 60 : 1);
}

// "UTC", "+02:00"
int64_t ZoneNs(const std::string& text) {
  if (text == "UTC") return 0;
  const int64_t minutes = std::atoi(text.substr(1, 2).c_str()) * 60 + std::atoi(text.substr(4).c_str());
  return minutes * 60 * kSecondNs * (text[0] == '-' ? -1 : 1);
}

int64_t Down(int64_t value, int64_t step) {
  while (value % step != 0) value -= value % step < 0 ? step + value % step : value % step;
  return value;
}

int64_t StartOf(int64_t local_ns, const std::string& interval) {
  using namespace std::chrono;
  constexpr int64_t kDayNs = 86'400 * kSecondNs;
  if (interval == "minute") return Down(local_ns, 60 * kSecondNs);
  if (interval == "hour") return Down(local_ns, 3600 * kSecondNs);
  const sys_days day{days{Down(local_ns, kDayNs) / kDayNs}};
  const year_month_day date{day};
  sys_days start = day;
  if (interval == "week") {
    while (weekday{start} != Monday) start -= days{1};
  } else if (interval == "month") {
    start = sys_days{date.year() / date.month() / 1};
  } else if (interval == "quarter") {
    start = sys_days{date.year() / month{(static_cast<unsigned>(date.month()) - 1) / 3 * 3 + 1} / 1};
  } else if (interval == "year") {
    start = sys_days{date.year() / January / 1};
  } else if (interval != "day") {
    return Down(local_ns, LengthNs(interval));
  }
  return start.time_since_epoch().count() * kDayNs;
}

const std::string& TextOf(const Scalar& scalar, size_t argument) {
  return std::get<std::string>(scalar.arguments[argument]->constant);
}

}  // namespace

Cell ValueOf(const ParsedRecord& record, const Scalar& scalar) {
  if (scalar.kind == Scalar::Kind::kField) return ReadField(record, scalar.field);
  if (scalar.kind == Scalar::Kind::kConstant)
    return {Cell::Kind::kNumber, std::to_string(std::get<int64_t>(scalar.constant))};
  const Cell first = ValueOf(record, *scalar.arguments[0]);
  const int64_t number = std::strtoll(first.text.c_str(), nullptr, 10);
  if (scalar.function == "from_millis") return {Cell::Kind::kNumber, std::to_string(number * 1'000'000)};
  if (scalar.function != "calendar_bucket") std::abort();
  const int64_t zone_ns = ZoneNs(TextOf(scalar, 2));
  const int64_t offset_ns = LengthNs(TextOf(scalar, 3));
  const int64_t start_ns = StartOf(number - offset_ns + zone_ns, TextOf(scalar, 1)) - zone_ns + offset_ns;
  return {Cell::Kind::kNumber, std::to_string(start_ns)};
}

}  // namespace taffrail::query_test
