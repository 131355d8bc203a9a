// Which kind of log a line belongs to, so that each kind can go to a file of its own.
#pragma once

#include <cstdint>
#include <string_view>

namespace taffrail {

// A logger's category follows from the first word of its name ("audit.oauth" is kAudit), unless it is given
// with the logger. kError is not a logger's: every line from ERROR up belongs to it as well as to its own.
enum class Category : uint8_t { kApp, kAudit, kPerformance, kError, kSecurity };

constexpr std::string_view category_name(Category category) {
  constexpr std::string_view kNames[] = {"app", "audit", "performance", "error", "security"};
  return kNames[static_cast<uint8_t>(category)];
}

}  // namespace taffrail
