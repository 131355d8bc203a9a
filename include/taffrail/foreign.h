// A line that another logging library was given: what its adapter (adapters/*.h) hands over.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "taffrail/level.h"
#include "taffrail/value.h"

namespace taffrail {

struct ForeignLine {
  std::string_view logger;
  Level level = Level::kInfo;
  std::string_view message;
  // Where the call stands; empty and 0 when the library does not say.
  std::string_view file = {};
  std::string_view function = {};
  uint32_t line = 0;
};

// Whether the logger writes lines of this level: to be asked before a message is made.
bool foreign_enabled(std::string_view logger, Level level) noexcept;
// Logs the line when its level is enabled. Everything is copied; from any thread; nothing is thrown.
void log_foreign(const ForeignLine& line, std::initializer_list<Field> fields = {}) noexcept;

}  // namespace taffrail
