// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace taffrail::cmd {

std::string HumanBytes(uint64_t bytes);  // "0 B", "812 B", "1.4 KB", "23 MB": powers of 1000, as disks
std::string HumanCount(uint64_t count);  // "1 234 567": thin grouping that no locale reads as a decimal
std::string HumanDuration(
    int64_t duration_ns);  // "812 ns", "3.4 ms", "1.2 s", "2 min 5 s", "3 h 12 min", "2 d 4 h"
std::string HumanRate(double per_second);  // "341 k", "1.2 M", "950"

}  // namespace taffrail::cmd
