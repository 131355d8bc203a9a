// Config::queue_dir at the beginning of a process: what others left is written, then the queue of this one
// begins.
#pragma once

#include <vector>

#include "log/outputs.h"
#include "log/recovery.h"
#include "taffrail/config.h"

namespace taffrail::log {

// Before the first line goes to the configuration's sinks, which nobody else may be using.
std::vector<Recovered> RecoverBefore(const Config& config);
// Makes this process's entry unless there is one: the directory of the first configuration that has one
// stays. When it cannot be made the queue is in memory, and the standard error says so.
// `clock`: as it is now.
void KeepQueue(const Config& config, Outputs& outputs, const ClockSample& clock);
// A line for each.
void LogRecovered(const std::vector<Recovered>& all);

}  // namespace taffrail::log
