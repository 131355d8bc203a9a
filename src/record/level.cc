#include "record/level.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace taffrail::record {
namespace {

struct Name {
  std::string_view text;  // lowercase
  Level level;
};

// Sorted, for the binary search; the sources are syslog, Python, log4j, java.util.logging, glog, Bunyan, Go
// and Rust loggers, PostgreSQL, nginx and the short forms of terminals.
constexpr std::array kNames = {
    Name{"alert", Level::kCritical},    Name{"crit", Level::kCritical},
    Name{"critical", Level::kCritical}, Name{"d", Level::kDebug},
    Name{"dbg", Level::kDebug},         Name{"debug", Level::kDebug},
    Name{"dpanic", Level::kCritical},   Name{"e", Level::kError},
    Name{"emerg", Level::kCritical},    Name{"emergency", Level::kCritical},
    Name{"err", Level::kError},         Name{"error", Level::kError},
    Name{"f", Level::kCritical},        Name{"fatal", Level::kCritical},
    Name{"fine", Level::kDebug},        Name{"finer", Level::kTrace},
    Name{"finest", Level::kTrace},      Name{"i", Level::kInfo},
    Name{"inf", Level::kInfo},          Name{"info", Level::kInfo},
    Name{"information", Level::kInfo},  Name{"informational", Level::kInfo},
    Name{"log", Level::kInfo},          Name{"n", Level::kInfo},
    Name{"notice", Level::kInfo},       Name{"panic", Level::kCritical},
    Name{"severe", Level::kError},      Name{"t", Level::kTrace},
    Name{"trace", Level::kTrace},       Name{"trc", Level::kTrace},
    Name{"v", Level::kTrace},           Name{"verbose", Level::kTrace},
    Name{"w", Level::kWarning},         Name{"warn", Level::kWarning},
    Name{"warning", Level::kWarning},   Name{"wrn", Level::kWarning},
};
static_assert(std::ranges::is_sorted(kNames, {}, &Name::text));

// Longer than any name or 64-bit number: what is longer is not a level.
constexpr size_t kTextBytesMax = 24;

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

Level FromSeverity(int64_t severity) {
  if (severity >= 21) return Level::kCritical;
  if (severity >= 17) return Level::kError;
  if (severity >= 13) return Level::kWarning;
  if (severity >= 9) return Level::kInfo;
  if (severity >= 5) return Level::kDebug;
  return Level::kTrace;
}

}  // namespace

std::string_view LevelName(Level level) {
  if (level == Level::kOff) return "OFF";
  switch (FromSeverity(static_cast<int64_t>(level))) {
    case Level::kTrace:
      return "TRACE";
    case Level::kDebug:
      return "DEBUG";
    case Level::kInfo:
      return "INFO";
    case Level::kWarning:
      return "WARNING";
    case Level::kError:
      return "ERROR";
    default:
      return "CRITICAL";
  }
}

std::optional<Level> ParseLevelName(std::string_view text) {
  text = Trim(text);
  if (text.size() > kTextBytesMax) return std::nullopt;
  std::array<char, kTextBytesMax> lower;
  std::ranges::transform(text, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  const std::string_view key(lower.data(), text.size());
  const auto* found = std::ranges::lower_bound(kNames, key, {}, &Name::text);
  if (found == kNames.end() || found->text != key) return std::nullopt;
  return found->level;
}

std::optional<Level> ParseLevel(std::string_view text) {
  if (const auto level = ParseLevelName(text)) return level;
  text = Trim(text);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return LevelFromNumber(number);
}

std::optional<Level> LevelFromNumber(int64_t number) {
  if (number == 0) return LevelFromSyslog(0);
  if (number == 60) return Level::kCritical;
  if (number >= 10 && number <= 50 && number % 10 == 0) return LevelFromPython(number);
  return LevelFromOtel(number);
}

std::optional<Level> LevelFromSyslog(int64_t severity) {
  if (severity < 0 || severity > 7) return std::nullopt;
  if (severity <= 2) return Level::kCritical;
  if (severity == 3) return Level::kError;
  if (severity == 4) return Level::kWarning;
  return severity <= 6 ? Level::kInfo : Level::kDebug;
}

std::optional<Level> LevelFromPython(int64_t level) {
  if (level < 0 || level > 50) return std::nullopt;
  if (level >= 50) return Level::kCritical;
  if (level >= 40) return Level::kError;
  if (level >= 30) return Level::kWarning;
  if (level >= 20) return Level::kInfo;
  return level >= 10 ? Level::kDebug : Level::kTrace;
}

std::optional<Level> LevelFromOtel(int64_t severity) {
  if (severity < 1 || severity > 24) return std::nullopt;
  return FromSeverity(severity);
}

int OtelSeverity(Level level) { return std::clamp(static_cast<int>(level), 1, 24); }

int SyslogSeverity(Level level) {
  switch (FromSeverity(static_cast<int64_t>(level))) {
    case Level::kTrace:
    case Level::kDebug:
      return 7;
    case Level::kInfo:
      return 6;
    case Level::kWarning:
      return 4;
    case Level::kError:
      return 3;
    default:
      return 2;
  }
}

int PythonLevel(Level level) {
  switch (FromSeverity(static_cast<int64_t>(level))) {
    case Level::kTrace:
      return 5;
    case Level::kDebug:
      return 10;
    case Level::kInfo:
      return 20;
    case Level::kWarning:
      return 30;
    case Level::kError:
      return 40;
    default:
      return 50;
  }
}

}  // namespace taffrail::record
