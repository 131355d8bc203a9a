#include "store/merge_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace taffrail::store {
namespace {

PartMeta Part(uint64_t id, int32_t day, uint64_t file_bytes) {
  return {.id = id, .day = day, .file_bytes = file_bytes};
}

TEST(MergePolicy, WaitsForEnoughPartsOfOneSizeAndDay) {
  std::vector<PartMeta> parts;
  for (uint64_t id = 1; id < kMergeFanIn; ++id) {
    parts.push_back(Part(id, 1, 1 << 20));
    parts.push_back(Part(100 + id, 2, 1 << 20));
    parts.push_back(Part(200 + id, 1, 1 << 28));
  }
  EXPECT_TRUE(PickMerge(parts).empty());
  parts.push_back(Part(50, 1, (1 << 20) + 1000));
  EXPECT_THAT(PickMerge(parts), ::testing::UnorderedElementsAre(1, 2, 3, 4, 5, 6, 7, 50));
}

TEST(MergePolicy, RewritesARowLogarithmicallyOften) {
  std::vector<PartMeta> parts;
  uint64_t written = 0;
  constexpr uint64_t kFlushes = 4096;
  uint64_t next_id = 1;
  size_t most_parts = 0;
  for (uint64_t flush = 0; flush < kFlushes; ++flush) {
    parts.push_back(Part(next_id++, 1, 2 << 20));
    for (std::vector<uint64_t> ids; !(ids = PickMerge(parts)).empty();) {
      uint64_t bytes = 0;
      std::erase_if(parts, [&](const PartMeta& part) {
        const bool merged = std::find(ids.begin(), ids.end(), part.id) != ids.end();
        bytes += merged ? part.file_bytes : 0;
        return merged;
      });
      parts.push_back(Part(next_id++, 1, bytes));
      written += bytes;
    }
    most_parts = std::max(most_parts, parts.size());
  }
  EXPECT_LE(written, kFlushes * (2 << 20) * 5);
  EXPECT_LE(most_parts, 64U);
}

TEST(MergePolicy, WholeDaysForCompact) {
  EXPECT_THAT(PickWholeDay({Part(1, 1, 10), Part(2, 2, 10), Part(3, 2, 1 << 30)}),
              ::testing::UnorderedElementsAre(2, 3));
  EXPECT_TRUE(PickWholeDay({Part(1, 1, 10), Part(2, 2, 10)}).empty());
}

}  // namespace
}  // namespace taffrail::store
