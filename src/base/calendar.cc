#include "base/calendar.h"

#include <algorithm>
#include <string>
#include <utility>

namespace taffrail::base {
namespace {

using Unit = Interval::Unit;

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kFarNs = INT64_MAX - (int64_t{1} << 60);  // the year 2225; so that offsets do not overflow

constexpr std::pair<Unit, std::string_view> kUnits[] = {
    {Unit::kMinute, "minute"}, {Unit::kHour, "hour"},       {Unit::kDay, "day"},  {Unit::kWeek, "week"},
    {Unit::kMonth, "month"},   {Unit::kQuarter, "quarter"}, {Unit::kYear, "year"}};

absl::CivilSecond CalendarStart(const absl::CivilSecond& time, const Interval& interval) {
  switch (interval.unit) {
    case Unit::kMinute:
      return absl::CivilSecond(absl::CivilMinute(time));
    case Unit::kHour:
      return absl::CivilSecond(absl::CivilHour(time));
    case Unit::kWeek:
      return absl::CivilSecond(absl::PrevWeekday(absl::CivilDay(time) + 1, absl::Weekday::monday));
    case Unit::kMonth: {
      const absl::CivilMonth month(time);
      const int64_t since = month - absl::CivilMonth(1970, 1);
      const int64_t rest = since % interval.months;
      return absl::CivilSecond(month - (rest < 0 ? rest + interval.months : rest));
    }
    case Unit::kQuarter:
      return absl::CivilSecond(absl::CivilMonth(time.year(), (time.month() - 1) / 3 * 3 + 1));
    case Unit::kYear:
      return absl::CivilSecond(absl::CivilYear(time));
    default:
      return absl::CivilSecond(absl::CivilDay(time));
  }
}

// REQUIRES: a start.
absl::CivilSecond CalendarNext(const absl::CivilSecond& start, const Interval& interval) {
  switch (interval.unit) {
    case Unit::kMinute:
      return start + 60;
    case Unit::kHour:
      return start + 3600;
    case Unit::kWeek:
      return absl::CivilSecond(absl::CivilDay(start) + 7);
    case Unit::kMonth:
      return absl::CivilSecond(absl::CivilMonth(start) + interval.months);
    case Unit::kQuarter:
      return absl::CivilSecond(absl::CivilMonth(start) + 3);
    case Unit::kYear:
      return absl::CivilSecond(absl::CivilYear(start) + 1);
    default:
      return absl::CivilSecond(absl::CivilDay(start) + 1);
  }
}

int64_t ToNs(absl::Time time) {
  return absl::ToUnixNanos(std::clamp(time, absl::FromUnixNanos(-kFarNs), absl::FromUnixNanos(kFarNs)));
}

int64_t ZoneNs(int64_t time_ns, const absl::TimeZone& zone) {
  return zone.At(absl::FromUnixNanos(time_ns)).offset * kSecondNs;
}

}  // namespace

int64_t IntervalStart(int64_t time_ns, const Interval& interval) {
  const int64_t shifted_ns = std::clamp(time_ns, -kFarNs, kFarNs) - interval.offset_ns;
  if (interval.unit == Unit::kFixed) {
    const int64_t zone_ns = ZoneNs(shifted_ns, interval.zone);
    const int64_t local_ns = shifted_ns + zone_ns;
    const int64_t rest = local_ns % interval.fixed_ns;
    return local_ns - (rest < 0 ? rest + interval.fixed_ns : rest) - zone_ns + interval.offset_ns;
  }
  const absl::CivilSecond civil = absl::ToCivilSecond(absl::FromUnixNanos(shifted_ns), interval.zone);
  return ToNs(absl::FromCivil(CalendarStart(civil, interval), interval.zone)) + interval.offset_ns;
}

int64_t NextInterval(int64_t start_ns, const Interval& interval) {
  if (interval.unit == Unit::kFixed) {
    // Where the clocks change, the next interval begins that much earlier or later.
    const int64_t plain_ns = start_ns + interval.fixed_ns;
    const int64_t changed_ns = plain_ns + ZoneNs(start_ns - interval.offset_ns, interval.zone) -
                               ZoneNs(plain_ns - interval.offset_ns, interval.zone);
    return changed_ns > start_ns && IntervalStart(changed_ns, interval) == changed_ns ? changed_ns : plain_ns;
  }
  const absl::CivilSecond civil =
      absl::ToCivilSecond(absl::FromUnixNanos(start_ns - interval.offset_ns), interval.zone);
  return ToNs(absl::FromCivil(CalendarNext(civil, interval), interval.zone)) + interval.offset_ns;
}

std::string_view UnitName(Unit unit) {
  for (const auto& [known, name] : kUnits) {
    if (known == unit) return name;
  }
  return "fixed";
}

std::optional<Unit> ParseUnit(std::string_view name) {
  for (const auto& [unit, known] : kUnits) {
    if (known == name) return unit;
  }
  return std::nullopt;
}

std::optional<absl::TimeZone> ParseTimeZone(std::string_view text) {
  if (text == "Z" || text == "UTC" || text == "utc") return absl::UTCTimeZone();
  absl::TimeZone zone;
  if (text.starts_with('+') || text.starts_with('-')) {
    // RFC 3339's own reader knows what an offset is.
    absl::Time time;
    std::string error;
    if (text.size() != 6 && text.size() != 5) return std::nullopt;
    const bool parsed = absl::ParseTime("%Y%Ez", "1970" + std::string(text), &time, &error);
    if (!parsed) return std::nullopt;
    return absl::FixedTimeZone(static_cast<int>(-absl::ToUnixSeconds(time)));
  }
  // A name is a file's name below the machine's zones, and nothing else.
  constexpr size_t kMaxNameBytes = 64;
  const bool is_name = !text.empty() && text.size() < kMaxNameBytes && text.front() != '/' &&
                       text.find("..") == std::string_view::npos && text.find(':') == std::string_view::npos;
  if (is_name && absl::LoadTimeZone(std::string(text), &zone)) return zone;
  return std::nullopt;
}

}  // namespace taffrail::base
