#include "store/merge_policy.h"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

namespace taffrail::store {
namespace {

// Parts below this are all of the smallest class: their number costs more than their bytes.
constexpr uint64_t kSmallBytes = uint64_t{256} << 10;

// Deleted rows are made room of when they are this share of a part: rewriting it for a few would cost more
// than they do.
constexpr uint64_t kDeletedShare = 4;

// Sizes of one class differ by less than four times.
unsigned SizeClass(uint64_t bytes) {
  return bytes < kSmallBytes ? 0 : static_cast<unsigned>(std::bit_width(bytes / kSmallBytes) + 1) / 2;
}

}  // namespace

std::vector<uint64_t> PickMerge(const std::vector<PartMeta>& parts) {
  std::map<std::pair<unsigned, int32_t>, std::vector<uint64_t>>
      groups;  // small classes first: cheap, and many parts
  for (const PartMeta& part : parts) {
    if (part.file_bytes <= kMaxMergeBytes / kMergeFanIn) {
      groups[{SizeClass(part.file_bytes), part.day}].push_back(part.id);
    }
  }
  for (auto& [key, ids] : groups) {
    if (ids.size() >= kMergeFanIn) return std::move(ids);
  }
  for (const PartMeta& part : parts) {
    if (part.deleted_rows * kDeletedShare >= part.rows && part.deleted_rows > 0) return {part.id};
  }
  return {};
}

std::vector<uint64_t> PickWholeDay(const std::vector<PartMeta>& parts) {
  std::map<int32_t, std::vector<const PartMeta*>> days;
  for (const PartMeta& part : parts) days[part.day].push_back(&part);
  for (auto& [day, of_day] : days) {
    std::sort(of_day.begin(), of_day.end(),
              [](const PartMeta* a, const PartMeta* b) { return a->file_bytes < b->file_bytes; });
    std::vector<uint64_t> ids;
    uint64_t bytes = 0;
    for (const PartMeta* part : of_day) {
      bytes += part->file_bytes;
      if (bytes > kMaxMergeBytes) break;
      ids.push_back(part->id);
    }
    if (ids.size() > 1) return ids;
  }
  for (const PartMeta& part : parts) {
    if (part.deleted_rows > 0) return {part.id};
  }
  return {};
}

}  // namespace taffrail::store
