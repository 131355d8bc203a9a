#include "store/merge_policy.h"

#include <bit>
#include <map>
#include <utility>

namespace taffrail::store {
namespace {

// Parts below this are all of the smallest class: their number costs more than their bytes.
constexpr uint64_t kSmallBytes = uint64_t{256} << 10;

// Sizes of one class differ by less than four times.
unsigned SizeClass(uint64_t bytes) {
  return bytes < kSmallBytes ? 0 : static_cast<unsigned>(std::bit_width(bytes / kSmallBytes) + 1) / 2;
}

}  // namespace

std::vector<uint64_t> PickMerge(const std::vector<PartMeta>& parts) {
  std::map<std::pair<unsigned, int32_t>, std::vector<uint64_t>>
      groups;  // small classes first: cheap, and many parts
  for (const PartMeta& part : parts) groups[{SizeClass(part.file_bytes), part.day}].push_back(part.id);
  for (auto& [key, ids] : groups) {
    if (ids.size() >= kMergeFanIn) return std::move(ids);
  }
  return {};
}

std::vector<uint64_t> PickWholeDay(const std::vector<PartMeta>& parts) {
  std::map<int32_t, std::vector<uint64_t>> days;
  for (const PartMeta& part : parts) days[part.day].push_back(part.id);
  for (auto& [day, ids] : days) {
    if (ids.size() > 1) return std::move(ids);
  }
  return {};
}

}  // namespace taffrail::store
