#include "sink/rotation.h"

#include <algorithm>
#include <ctime>
#include <limits>

#include <fmt/format.h>

#include "base/env.h"

namespace taffrail::sink {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kNsPerMs = 1'000'000;
constexpr std::string_view kStampShape = "dddd-dd-ddTdd-dd-dd.ddd";  // colons would upset tar, scp and make

tm Split(int64_t seconds, bool local_time) {
  const auto time = static_cast<time_t>(seconds);
  tm parts{};
  local_time ? localtime_r(&time, &parts) : gmtime_r(&time, &parts);
  return parts;
}

int64_t Join(tm parts, bool local_time) {
  parts.tm_isdst = -1;
  return local_time ? mktime(&parts) : timegm(&parts);
}

int64_t FloorSeconds(int64_t time_ns) {
  const int64_t seconds = time_ns / kNsPerSecond;
  return seconds - (time_ns % kNsPerSecond < 0 ? 1 : 0);
}

bool HasShape(std::string_view text, std::string_view shape) {
  return text.size() == shape.size() && std::ranges::equal(text, shape, [](char c, char expected) {
           return expected == 'd' ? c >= '0' && c <= '9' : c == expected;
         });
}

}  // namespace

int64_t PeriodEnd(RotationPeriod period, bool local_time, int64_t time_ns) {
  if (period == RotationPeriod::kNever) return std::numeric_limits<int64_t>::max();
  const int64_t seconds = FloorSeconds(time_ns);
  tm parts = Split(seconds, local_time);
  // An hour is counted from its beginning: a zone that goes back by half an hour would confuse mktime.
  if (period == RotationPeriod::kHourly)
    return (seconds - parts.tm_min * 60 - parts.tm_sec + 3'600) * kNsPerSecond;
  // A day has 23 or 25 hours when the clocks change, so the calendar is asked.
  parts.tm_sec = parts.tm_min = parts.tm_hour = 0;
  ++parts.tm_mday;
  return std::max(Join(parts, local_time), seconds + 1) * kNsPerSecond;
}

OldNames::OldNames(std::string_view path, bool local_time)
    : dir_(base::Dirname(path)), local_time_(local_time) {
  const std::string_view name = path.substr(path.find_last_of('/') + 1);
  const size_t dot = name.find_last_of('.');
  // ".log" has no stem to put the time behind; the dot of ".hidden" begins a name.
  const size_t end = dot == std::string_view::npos || dot == 0 ? name.size() : dot;
  stem_ = name.substr(0, end);
  extension_ = name.substr(end);
}

std::string OldNames::Name(int64_t closed_ns) const {
  const int64_t seconds = FloorSeconds(closed_ns);
  const tm t = Split(seconds, local_time_);
  return fmt::format("{}-{:04}-{:02}-{:02}T{:02}-{:02}-{:02}.{:03}{}", stem_, t.tm_year + 1900, t.tm_mon + 1,
                     t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec,
                     (closed_ns - seconds * kNsPerSecond) / kNsPerMs, extension_);
}

std::optional<OldNames::Old> OldNames::Parse(std::string_view name) const {
  Old old{.name = std::string(name), .closed_ns = 0, .compressed = false};
  for (const FileCompression compression : {FileCompression::kGzip, FileCompression::kZstd}) {
    if (!old.compressed && name.ends_with(Suffix(compression))) {
      name.remove_suffix(Suffix(compression).size());
      old.compressed = true;
    }
  }
  if (!name.starts_with(stem_) || !name.ends_with(extension_)) return std::nullopt;
  if (name.size() != stem_.size() + 1 + kStampShape.size() + extension_.size()) return std::nullopt;
  const std::string_view stamp = name.substr(stem_.size() + 1, kStampShape.size());
  if (name[stem_.size()] != '-' || !HasShape(stamp, kStampShape)) return std::nullopt;
  const auto number = [&](size_t at, size_t digits) {
    int value = 0;
    for (const char c : stamp.substr(at, digits)) value = value * 10 + (c - '0');
    return value;
  };
  tm parts{};
  parts.tm_year = number(0, 4) - 1900;
  parts.tm_mon = number(5, 2) - 1;
  parts.tm_mday = number(8, 2);
  parts.tm_hour = number(11, 2);
  parts.tm_min = number(14, 2);
  parts.tm_sec = number(17, 2);
  if (parts.tm_mon > 11 || parts.tm_mday > 31 || parts.tm_hour > 23 || parts.tm_min > 59 || parts.tm_sec > 60)
    return std::nullopt;
  // Beyond 2262 no int64 of nanoseconds reaches; such a file is not ours.
  const int64_t seconds = Join(parts, local_time_);
  if (seconds > std::numeric_limits<int64_t>::max() / kNsPerSecond - 1 ||
      seconds < std::numeric_limits<int64_t>::min() / kNsPerSecond + 1)
    return std::nullopt;
  old.closed_ns = seconds * kNsPerSecond + number(20, 3) * kNsPerMs;
  return old;
}

std::optional<std::string> OldNames::ParseUnfinished(std::string_view name) const {
  if (!name.ends_with(kUnfinished)) return std::nullopt;
  name.remove_suffix(kUnfinished.size());
  const auto old = Parse(name);
  if (!old || !old->compressed) return std::nullopt;
  return std::string(name.substr(0, name.find_last_of('.')));
}

std::string_view Suffix(FileCompression compression) {
  switch (compression) {
    case FileCompression::kGzip:
      return ".gz";
    case FileCompression::kZstd:
      return ".zst";
    case FileCompression::kNone:
      break;
  }
  return "";
}

}  // namespace taffrail::sink
