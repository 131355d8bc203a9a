#include "base/memory_limit.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace taffrail::base {
namespace {

constexpr uint64_t kNoLimit = UINT64_MAX;
constexpr uint64_t kUnknownMachineBytes = uint64_t{1} << 30;  // small enough for any machine of today

// Through a stream: the kernel says of these files that they have no bytes, which ReadFile (env.h) believes.
// "max" in version 2; version 1 has a number beyond any machine. Absent where the group is not mounted.
uint64_t ReadLimit(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  if (!(file >> text)) return kNoLimit;
  uint64_t bytes = 0;
  return absl::SimpleAtoi(text, &bytes) && bytes > 0 ? bytes : kNoLimit;
}

// A limit of any group above holds too. In a container the path may be the host's, and only the mount's root
// be there: what cannot be read is passed over.
uint64_t LeastUpwards(const std::string& mount, std::filesystem::path group, const char* file) {
  uint64_t least = kNoLimit;
  for (;; group = group.parent_path()) {
    least = std::min(least, ReadLimit((mount / group.relative_path() / file).string()));
    if (!group.has_relative_path()) return least;
  }
}

}  // namespace

uint64_t GroupMemoryLimitBytes(const std::string& root) {
  const std::string mount = root + "/sys/fs/cgroup";
  uint64_t least = kNoLimit;
  std::ifstream groups(root + "/proc/self/cgroup");  // "0::/system.slice/x.service", "7:memory:/docker/1f…"
  for (std::string line; std::getline(groups, line);) {
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (parts.size() != 3) continue;
    const std::vector<std::string> controllers = absl::StrSplit(parts[1], ',');
    if (parts[1].empty()) {
      least = std::min(least, LeastUpwards(mount, parts[2], "memory.max"));
    } else if (std::ranges::count(controllers, "memory") > 0) {
      least = std::min(least, LeastUpwards(mount + "/memory", parts[2], "memory.limit_in_bytes"));
    }
  }
  return least;
}

uint64_t UsableMemoryBytes() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_bytes = sysconf(_SC_PAGESIZE);
  const uint64_t machine = pages > 0 && page_bytes > 0
                               ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(page_bytes)
                               : kUnknownMachineBytes;
  return std::min(machine, GroupMemoryLimitBytes(""));
}

}  // namespace taffrail::base
