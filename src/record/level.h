// Levels as text and as the numbers of other systems.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "taffrail/level.h"

namespace taffrail::record {

using taffrail::Level;

// "INFO"; a number between two of ours is named by the lower ("INFO" for 11), as OpenTelemetry orders them.
std::string_view LevelName(Level level);

// What other systems call a level, in any case: our six, warn, err, fatal, notice, panic, emerg, alert,
// information, verbose, finest … Nothing when the text is none of them. Spaces around it are ignored.
std::optional<Level> ParseLevelName(std::string_view text);

// As ParseLevelName, and also a number as text, by LevelFromNumber.
std::optional<Level> ParseLevel(std::string_view text);

// A number whose system must be guessed: 10, 20, 30, 40, 50, 60 are Python's and Bunyan's steps (60 is
// fatal), 1 to 24 OpenTelemetry severities, 0 is syslog's emergency. Nothing for any other number.
std::optional<Level> LevelFromNumber(int64_t number);

std::optional<Level> LevelFromSyslog(int64_t severity);  // 0 emergency … 7 debug
std::optional<Level> LevelFromPython(int64_t level);     // 0 … 50, any number between
std::optional<Level> LevelFromOtel(int64_t severity);    // 1 … 24

int OtelSeverity(Level level);    // 1 … 24
int SyslogSeverity(Level level);  // 7 … 2
int PythonLevel(Level level);     // 5 (TRACE), 10, 20, 30, 40, 50

}  // namespace taffrail::record
