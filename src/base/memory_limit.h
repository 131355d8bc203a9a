// How much memory this process may use: the machine's, or less where its control group has a limit, as in a
// container or a unit with MemoryMax=.
#pragma once

#include <cstdint>
#include <string>

namespace taffrail::base {

// The least of the machine's memory and of every limit of the group and of those above it (Linux' cgroup v2
// memory.max, v1 memory.limit_in_bytes). Never 0. Reads some files of the kernel's each time.
uint64_t UsableMemoryBytes();

// The groups' part of it, under another root directory than "/" for tests. UINT64_MAX: no limit.
uint64_t GroupMemoryLimitBytes(const std::string& root);

}  // namespace taffrail::base
