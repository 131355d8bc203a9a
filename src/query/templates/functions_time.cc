// Times, in Go's layouts: the way "Mon Jan 2 15:04:05 2006" is written says how a time is.
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "fmt/format.h"
#include "query/templates/functions.h"

namespace taffrail::query::templates {
namespace {

using Arguments = std::span<const Value>;
using Result = absl::StatusOr<Value>;

struct Piece {
  std::string_view go;
  std::string_view absl;
};

// Longer names before those that they begin with.
constexpr Piece kPieces[] = {
    {"2006", "%Y"},
    {"January", "%B"},
    {"Monday", "%A"},
    {"Z07:00", "%Ez"},
    {"-07:00", "%Ez"},
    {"-0700", "%z"},
    {"Z0700", "%z"},
    {"Jan", "%b"},
    {"Mon", "%a"},
    {"MST", "%Z"},
    {".000000000", ".%E9f"},
    {".999999999", "%E*S"},
    {".000000", ".%E6f"},
    {".000", ".%E3f"},
    {",000", ",%E3f"},
    {"01", "%m"},
    {"02", "%d"},
    {"03", "%I"},
    {"04", "%M"},
    {"05", "%S"},
    {"06", "%y"},
    {"15", "%H"},
    {"PM", "%p"},
    {"pm", "%p"},
    {"_2", "%e"},
    {"-07", "%z"},
};

// As Abseil writes layouts. `civil`: the time that is formatted, for the numbers without a zero before them;
// null for parsing, which takes them with or without.
std::string LayoutOf(std::string_view layout, const absl::CivilSecond* civil) {
  std::string out;
  while (!layout.empty()) {
    if (layout.starts_with("05.999999999")) {  // a fraction without zeros at its end belongs to the second
      out += "%E*S";
      layout.remove_prefix(12);
      continue;
    }
    bool found = false;
    for (const Piece& piece : kPieces) {
      if (!layout.starts_with(piece.go)) continue;
      out += piece.absl;
      layout.remove_prefix(piece.go.size());
      found = true;
      break;
    }
    if (found) continue;
    if (layout[0] == '%') out += '%';
    if (layout[0] < '1' || layout[0] > '5') {
      out += layout[0];
    } else if (civil != nullptr) {
      const int hour = civil->hour() % 12 == 0 ? 12 : civil->hour() % 12;
      const int numbers[] = {civil->month(), civil->day(), hour, civil->minute(), civil->second()};
      out += std::to_string(numbers[layout[0] - '1']);
    } else {
      constexpr std::string_view kOfDigit[] = {"%m", "%d", "%I", "%M", "%S"};
      out += kOfDigit[layout[0] - '1'];
    }
    layout.remove_prefix(1);
  }
  return out;
}

absl::TimeZone ZoneOf(const std::string& name) {
  absl::TimeZone zone = absl::UTCTimeZone();
  if (!name.empty() && name != "UTC") absl::LoadTimeZone(name, &zone);
  return zone;
}

// "Z" stands for UTC where the layout asks for Z07:00.
std::string Format(std::string_view layout, int64_t unix_ns, const std::string& zone_name) {
  const absl::TimeZone zone = ZoneOf(zone_name);
  const absl::CivilSecond civil = zone.At(absl::FromUnixNanos(unix_ns)).cs;
  std::string out;
  while (!layout.empty()) {
    const size_t at = layout.find("Z07:00");
    out += absl::FormatTime(LayoutOf(layout.substr(0, at), &civil), absl::FromUnixNanos(unix_ns), zone);
    if (at == std::string_view::npos) break;
    const absl::TimeZone::CivilInfo info = zone.At(absl::FromUnixNanos(unix_ns));
    out += info.offset == 0 ? "Z" : absl::FormatTime("%Ez", absl::FromUnixNanos(unix_ns), zone);
    layout.remove_prefix(at + 6);
  }
  return out;
}

Result Date(Arguments a, CallContext&) {
  const auto* time = a[1].As<Time>();
  if (time == nullptr) {
    return absl::InvalidArgumentError("date: expected a time, as now, toDate or unixToTime give");
  }
  return Format(ToText(a[0]), time->unix_ns, time->zone);
}

Result ParseDate(const std::string& layout, const std::string& text, const std::string& zone_name) {
  absl::TimeZone zone = absl::UTCTimeZone();
  if (!zone_name.empty() && !absl::LoadTimeZone(zone_name, &zone)) {
    return absl::InvalidArgumentError(fmt::format("toDateInZone: unknown time zone {}", zone_name));
  }
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(LayoutOf(layout, nullptr), text, zone, &time, &error))
    return Time{};  // as sprig: the zero time
  return Time{absl::ToUnixNanos(time), zone_name.empty() ? "UTC" : zone_name};
}
Result ToDate(Arguments a, CallContext&) { return ParseDate(ToText(a[0]), ToText(a[1]), ""); }
Result ToDateInZone(Arguments a, CallContext&) { return ParseDate(ToText(a[0]), ToText(a[2]), ToText(a[1])); }

Result Now(Arguments, CallContext& context) { return Time{context.now_ns}; }
Result Timestamp(Arguments, CallContext& context) { return Time{context.fields->timestamp_ns()}; }

Result Epoch(Arguments a, int64_t unit_ns) {
  const auto* time = a[0].As<Time>();
  if (time == nullptr)
    return absl::InvalidArgumentError("expected a time, as now, toDate or unixToTime give");
  return std::to_string(time->unix_ns / unit_ns);
}
Result UnixEpoch(Arguments a, CallContext&) { return Epoch(a, 1'000'000'000); }
Result UnixEpochMillis(Arguments a, CallContext&) { return Epoch(a, 1'000'000); }
Result UnixEpochNanos(Arguments a, CallContext&) { return Epoch(a, 1); }

// By the number of digits: days, seconds, milliseconds, microseconds or nanoseconds.
Result UnixToTime(Arguments a, CallContext&) {
  const std::string text = ToText(a[0]);
  const int64_t number = ToInteger(a[0]);
  switch (text.size()) {
    case 5:
      return Time{number * 86'400'000'000'000};
    case 10:
      return Time{number * 1'000'000'000};
    case 13:
      return Time{number * 1'000'000};
    case 16:
      return Time{number * 1'000};
    case 19:
      return Time{number};
    default:
      return absl::InvalidArgumentError(fmt::format("unable to parse time '{}'", text));
  }
}

constexpr FunctionEntry kFunctions[] = {
    {"date", 2, 2, Date},
    {"toDate", 2, 2, ToDate},
    {"toDateInZone", 3, 3, ToDateInZone},
    {"now", 0, 0, Now},
    {"__timestamp__", 0, 0, Timestamp},
    {"unixEpoch", 1, 1, UnixEpoch},
    {"unixEpochMillis", 1, 1, UnixEpochMillis},
    {"unixEpochNanos", 1, 1, UnixEpochNanos},
    {"unixToTime", 1, 1, UnixToTime},
};

}  // namespace

std::span<const FunctionEntry> TimeFunctions() { return kFunctions; }

}  // namespace taffrail::query::templates
