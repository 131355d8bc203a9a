#include "base/memory_limit.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace taffrail::base {
namespace {

constexpr uint64_t kNoLimit = UINT64_MAX;
constexpr uint64_t kUnknownMachineBytes = uint64_t{1} << 30;  // small enough for any machine of today

// "max" in version 2; version 1 has a number beyond any machine. Absent where the group is not mounted.
uint64_t ReadLimit(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  if (!(file >> text)) return kNoLimit;
  uint64_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  return error == std::errc() && end == text.data() + text.size() && bytes > 0 ? bytes : kNoLimit;
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

bool HasController(std::string_view controllers, std::string_view wanted) {
  while (!controllers.empty()) {
    const size_t comma = controllers.find(',');
    if (controllers.substr(0, comma) == wanted) return true;
    if (comma == std::string_view::npos) break;
    controllers.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace

uint64_t GroupMemoryLimitBytes(const std::string& root) {
  const std::string mount = root + "/sys/fs/cgroup";
  uint64_t least = kNoLimit;
  std::ifstream groups(root + "/proc/self/cgroup");  // "0::/system.slice/x.service", "7:memory:/docker/1f…"
  for (std::string line; std::getline(groups, line);) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    if (controllers.empty()) {
      least = std::min(least, LeastUpwards(mount, group, "memory.max"));
    } else if (HasController(controllers, "memory")) {
      least = std::min(least, LeastUpwards(mount + "/memory", group, "memory.limit_in_bytes"));
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
