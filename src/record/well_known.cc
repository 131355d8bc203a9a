#include "record/well_known.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "base/time_text.h"
#include "record/batch_builder.h"
#include "record/row_cursor.h"

namespace taffrail::record {
namespace {

constexpr std::array<std::string_view, 32> kTimePaths = {"timestamp",
                                                         "@timestamp",
                                                         "time",
                                                         "ts",
                                                         "t.$date",
                                                         "eventTime",
                                                         "EventTime",
                                                         "Timestamp",
                                                         "datetime",
                                                         "date",
                                                         "created_at",
                                                         "_ts",
                                                         "time_iso8601",
                                                         "@t",
                                                         "timeMillis",
                                                         "epochMillis",
                                                         "unixTime",
                                                         "timeUnixNano",
                                                         "observedTimestamp",
                                                         "id.time",
                                                         "TimeCreated",
                                                         "UtcTime",
                                                         "event.created",
                                                         "logged_at",
                                                         "requestReceivedTimestamp",
                                                         "__REALTIME_TIMESTAMP",
                                                         "_SOURCE_REALTIME_TIMESTAMP",
                                                         "StartUTC",
                                                         "time_us",
                                                         "time_local",
                                                         "eventtime",
                                                         "asctime"};
constexpr std::array<std::string_view, 14> kLevelPaths = {
    "level",     "log.level", "severity", "severity_text", "severityText",
    "levelname", "lvl",       "loglevel", "log_level",     "level_name",
    "@l",        "PRIORITY",  "s",        "priority"};
constexpr std::array<std::string_view, 12> kMessagePaths = {
    "message",        "msg",  "body", "Body", "log",  "MESSAGE", "short_message",
    "event.original", "text", "@m",   "@mt",  "event"};
constexpr std::array<std::string_view, 11> kServicePaths = {
    "service", "service.name", "service_name", "resource.service.name", "app", "application",
    "logger",  "component",    "program",      "SYSLOG_IDENTIFIER",     "host"};

std::optional<int64_t> TimeOf(const Column& column, size_t index, base::TimestampReader& reader) {
  switch (column.key.kind) {
    case Kind::kString:
      return reader.Read(column.text(index));
    case Kind::kEscaped: {
      std::string text;
      AppendUnescaped(column.text(index), text);
      return base::ParseTimestamp(text);
    }
    case Kind::kInteger:
      return base::UnixTimeToNs(column.integers[index]);
    case Kind::kDecimal: {
      // Exact where a double would not be: seconds with nanoseconds have 19 digits.
      std::string text;
      AppendTextValue(column, index, text);
      return base::ParseUnixTime(text);
    }
    case Kind::kNumber:
      return base::ParseTimestamp(column.text(index));
    default:
      return std::nullopt;
  }
}

// Below 1970 lies what was never meant as a time: zero dates, small counters.
bool IsPlausible(int64_t timestamp_ns) { return timestamp_ns > 0; }

std::vector<int> HolesOfPaths(const RecordBatch& batch, std::span<const std::string_view> paths) {
  std::vector<int> rank(batch.columns.size(), -1);
  for (size_t c = 0; c < batch.columns.size(); ++c) {
    const ColumnKey& key = batch.columns[c].key;
    if (key.kind == Kind::kText || key.kind == Kind::kJson) continue;
    const auto found = std::find(paths.begin(), paths.end(), key.path);
    if (found != paths.end()) rank[c] = static_cast<int>(found - paths.begin());
  }
  std::vector<int> holes;
  holes.reserve(batch.shapes.size());
  for (const Shape& shape : batch.shapes) {
    int best = -1;
    int best_rank = std::numeric_limits<int>::max();
    for (size_t h = 0; h < shape.holes.size(); ++h) {
      const int r = rank[shape.holes[h].column];
      if (r < 0 || r >= best_rank) continue;
      best = static_cast<int>(h);
      best_rank = r;
    }
    holes.push_back(best);
  }
  return holes;
}

}  // namespace

std::span<const std::string_view> PathsOf(Role role) {
  switch (role) {
    case Role::kTime:
      return kTimePaths;
    case Role::kLevel:
      return kLevelPaths;
    case Role::kMessage:
      return kMessagePaths;
    case Role::kService:
      return kServicePaths;
  }
  return {};
}

std::vector<int> HolesOf(const RecordBatch& batch, Role role) { return HolesOfPaths(batch, PathsOf(role)); }

TimeReport SetTimesFromFields(RecordBatch& batch, std::string_view time_field) {
  TimeReport report;
  const std::span<const std::string_view> paths =
      time_field.empty() ? PathsOf(Role::kTime) : std::span<const std::string_view>(&time_field, 1);
  const std::vector<int> holes = HolesOfPaths(batch, paths);
  std::vector<uint32_t> next(batch.columns.size(), 0);
  std::vector<bool> used(batch.columns.size(),
                         false);  // columns that are some shape's time: the others need no count
  for (size_t s = 0; s < holes.size(); ++s) {
    if (holes[s] >= 0) used[batch.shapes[s].holes[static_cast<size_t>(holes[s])].column] = true;
  }
  // For each shape the used columns it feeds, so that a row costs one or two additions and not one a hole.
  std::vector<std::vector<uint32_t>> feeds(batch.shapes.size());
  for (size_t s = 0; s < batch.shapes.size(); ++s) {
    for (const Hole& hole : batch.shapes[s].holes) {
      if (used[hole.column]) feeds[s].push_back(hole.column);
    }
  }
  base::TimestampReader reader;
  for (size_t row = 0; row < batch.rows(); ++row) {
    const uint32_t s = batch.shape[row];
    if (holes[s] < 0) {
      ++report.missing;
    } else {
      const uint32_t c = batch.shapes[s].holes[static_cast<size_t>(holes[s])].column;
      const std::optional<int64_t> time = TimeOf(batch.columns[c], next[c], reader);
      if (time.has_value() && IsPlausible(*time)) {
        batch.timestamp_ns[row] = *time;
      } else {
        ++report.unreadable;
      }
    }
    for (const uint32_t c : feeds[s]) ++next[c];
  }
  return report;
}

}  // namespace taffrail::record
