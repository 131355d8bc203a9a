// Times as Elasticsearch's users write them: dates, date math, formats, calendar intervals.
//
//   2025-10-30T14:00:00.5+02:00   2025-10-30   2025-10   1761832800000   now-1h/d   2025-10-30||+1M/M
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "base/calendar.h"
#include "base/status.h"

namespace taffrail::query::lang::elastic {

// "UTC", "Z", "+02:00", "Europe/Berlin". InvalidArgument when this machine knows no such zone.
absl::StatusOr<absl::TimeZone> ParseZone(std::string_view text);

struct DateOptions {
  int64_t now_ns = 0;
  absl::TimeZone zone = absl::UTCTimeZone();
  std::string format;     // alternatives with "||" between; empty: strict_date_optional_time||epoch_millis
  bool round_up = false;  // "/d", and what a date leaves out, means the end and not the beginning
};

// InvalidArgument in Elasticsearch's words: "failed to parse date field [x] with format [y]".
absl::StatusOr<int64_t> ParseDate(std::string_view text, const DateOptions& options);

// A point in time in the first of the format's alternatives; empty: 2025-10-30T14:00:00.000Z.
std::string FormatDate(int64_t time_ns, std::string_view format, absl::TimeZone zone);

// "30s", "5m", "1d": a number and one of ms, s, m, h, d.
std::optional<int64_t> ParseFixedInterval(std::string_view text);
// "month", "1M", "day", "1d" …
std::optional<base::Interval::Unit> ParseCalendarInterval(std::string_view text);

// A length of time as parameters give it: "1m", "30s", "500ms", "2d", "nanos", "micros". Nothing else.
std::optional<int64_t> ParseTimeValue(std::string_view text);

// Milliseconds since 1970, as Elasticsearch numbers times; those before it rounded down as well.
int64_t WholeMillis(int64_t time_ns);

}  // namespace taffrail::query::lang::elastic
