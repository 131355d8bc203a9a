// The answer of /api/v1/logs/stats for people: totals, a sparkline over time, levels, services.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cmd/terminal.h"

namespace taffrail::cmd {

// One character a value, "▁▂▃▄▅▆▇█" by its share of the largest; a blank for zero.
std::string Sparkline(const std::vector<uint64_t>& values);

// Internal when the document is not one of stats.
absl::StatusOr<std::string> RenderStats(const std::string& json, const Painter& painter, size_t width);

}  // namespace taffrail::cmd
