// Whole configurations by the name of where the program runs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "taffrail/config.h"

namespace taffrail::log {

// "production" for production, prod, live …, in any case: what people write into ENVIRONMENT. Nothing for a
// name that has no preset.
std::optional<std::string_view> PresetName(std::string_view environment);

// The preset over the defaults; `queue_dir` for those that have one. REQUIRES: a name that PresetName gave.
Config Preset(std::string_view name, std::string queue_dir);

// Where this program keeps its queues when nobody said: stable from one start to the next, its own, and
// writable by its user alone. Empty when there is no such place.
//   $STATE_DIRECTORY/taffrail-queue (systemd), /var/lib/taffrail/queue/<program> for root, else
//   ($XDG_STATE_HOME or $HOME/.local/state)/taffrail/queue/<program>
std::string AutoQueueDir();

}  // namespace taffrail::log
