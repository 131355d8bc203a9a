// Lengths of time as people write them: "1h30m", "250ms", "1.5s".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace taffrail::base {

// Nanoseconds. One or more numbers, each with an optional fraction and a unit (ns, us or µs, ms, s, m, h, d,
// w, y = 365d), with an optional sign before the first. "0" alone needs no unit. Nothing when it is anything
// else or beyond int64. What Go, Prometheus and LogQL write is all accepted.
std::optional<int64_t> ParseDuration(std::string_view text);

// The shortest form in hours and below that ParseDuration reads back to the same value: "36h", "1m0.25s",
// "1.5ms", "0s".
std::string FormatDuration(int64_t duration_ns);

}  // namespace taffrail::base
