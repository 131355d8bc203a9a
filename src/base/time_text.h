// Points in time as text: Unix nanoseconds ⇄ RFC 3339, and reading the other forms that logs carry.
//
// The range is that of int64 nanoseconds: 1677-09-21 to 2262-04-11. Text outside it is not a timestamp to us.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace taffrail::base {

constexpr size_t kRfc3339SizeMax = 30;  // "2025-10-01T16:12:05.785000000Z"

// In UTC with so many digits of the second's fraction (0 to 9; the rest is cut off, not rounded, so that no
// line seems to lie in the future). Writes no NUL; returns the number of bytes, at most kRfc3339SizeMax.
size_t FormatRfc3339(int64_t unix_ns, int fraction_digits, char* out);
std::string FormatRfc3339(int64_t unix_ns, int fraction_digits = 9);

// RFC 3339 proper: date, "T" (or "t" or a space), time with any number of fraction digits, "Z" or "+hh:mm". A
// leap second (":60") is the second after it.
std::optional<int64_t> ParseRfc3339(std::string_view text);

// A number since 1970, its unit told by its size: below 10^11 seconds (until the year 5138), below 10^14 ms,
// below 10^17 us, else ns.
std::optional<int64_t> ParseUnixTime(std::string_view text);  // digits with an optional fraction
std::optional<int64_t> UnixTimeToNs(int64_t number);          // either sign
std::optional<int64_t> UnixTimeToNs(double number);

// Any of the forms that logs write. Without a zone, UTC is meant.
//   2025-10-01T16:12:05.785Z      RFC 3339, also without zone, with a comma, with "+hhmm" or "+hh"
//   2025-10-01 16:12:05,785       Python, Java
//   2024/01/02 03:04:05           Go, nginx's error log
//   Thu Mar 16 03:08:58 2023 UTC  asctime, with or without weekday and zone
//   10/Oct/2000:13:55:36 -0700    Common Log Format
//   1427846400.25                 Unix time (see above)
std::optional<int64_t> ParseTimestamp(std::string_view text);

// The same for one time after another. Lines next to each other are mostly of one minute, and what that is
// need not be worked out again. Used by one thread at a time.
class TimestampReader {
 public:
  std::optional<int64_t> Read(std::string_view text);

 private:
  std::string_view minute() const { return {minute_.data(), minute_.size()}; }

  std::array<char, 17> minute_{};  // of the last time of such a form: "2025-10-01T16:12:"
  int64_t minute_ns_ = 0;
};

// What a person gives as --from and --to: "now", "-15m", "now-1h30m", "2025-10-01", "2025-10-01T12:30", or
// anything ParseTimestamp reads. InvalidArgument with a message for that person.
absl::StatusOr<int64_t> ParseTimeArg(std::string_view text, int64_t now_ns);

}  // namespace taffrail::base
