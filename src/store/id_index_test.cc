#include "store/id_index.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <numeric>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/mem_env.h"
#include "store/id_hashes.h"
#include "store/id_index_writer.h"

namespace taffrail::store {
namespace {

std::string Id(uint32_t i) { return fmt::format("req_0{:08x}", i * 2654435761U); }

uint64_t HashOfId(const std::string& id) { return base::Hash64(id); }

class IdIndexTest : public ::testing::Test {
 protected:
  // Writes the index of these blocks' ids, block by block, and opens it.
  std::unique_ptr<IdIndex> Written(IdIndexWriter& writer, const std::vector<uint32_t>& numbers) {
    std::string bytes(7, 'x');  // an index does not begin its file
    const auto write = [&](std::string_view more) {
      bytes.append(more);
      return absl::OkStatus();
    };
    IdIndexInfo info;
    EXPECT_TRUE(writer.Finish(numbers, bytes.size(), write, info).ok());
    EXPECT_EQ(info.bytes, bytes.size() - 7);
    return Opened(bytes, info, static_cast<uint32_t>(numbers.size()));
  }
  std::unique_ptr<IdIndex> Opened(const std::string& bytes, const IdIndexInfo& info, uint32_t blocks) {
    EXPECT_TRUE(info.Sane());
    infos_.push_back(std::make_unique<IdIndexInfo>(info));
    path_ = fmt::format("/index{}", infos_.size());
    EXPECT_TRUE(base::WriteFileAtomically(env_, path_, bytes).ok());
    files_.push_back(*env_.OpenRead(path_));
    return std::make_unique<IdIndex>(*files_.back(), path_, *infos_.back(), blocks);
  }
  // One page with hashes of so many bits, as earlier versions wrote them: block b holds Id(b) and Id(b +
  // blocks).
  std::unique_ptr<IdIndex> WithHashesOf(uint8_t bits, bool has_hints, uint32_t blocks) {
    std::vector<IdEntry> entries;
    for (uint32_t i = 0; i < 2 * blocks; ++i) {
      entries.push_back(MakeIdEntry(TopBits(HashOfId(Id(i)), bits), i % blocks, has_hints ? 3 : kAnyRows));
    }
    std::sort(entries.begin(), entries.end());
    IdIndexInfo info{.entries = entries.size(), .rice_bits = 15, .hash_bits = bits, .has_hints = has_hints};
    std::string bytes;
    AppendIdPage(entries,
                 {.rice_bits = info.rice_bits, .blocks = blocks, .hash_bits = bits, .has_hints = has_hints},
                 bytes);
    base::PutFixed<uint64_t>(bytes, bytes.size());
    info.bytes = bytes.size();
    return Opened(bytes, info, blocks);
  }
  std::unique_ptr<IdIndex> Written(const std::vector<std::vector<std::string>>& blocks) {
    IdIndexWriter writer;
    for (size_t block = 0; block < blocks.size(); ++block) {
      std::vector<IdRows> ids;
      for (const std::string& id : blocks[block]) ids.push_back({.hash = HashOfId(id)});
      writer.AddBlock(ids, static_cast<uint32_t>(block));
    }
    std::vector<uint32_t> numbers(blocks.size());
    std::iota(numbers.begin(), numbers.end(), 0);
    return Written(writer, numbers);
  }
  static std::vector<BlockRows> FindRows(const IdIndex& index, const std::string& id) {
    std::vector<BlockRows> blocks;
    for (uint32_t block = 0; block < index.blocks(); ++block) blocks.push_back({.block = block});
    uint64_t bytes_read = 0;
    const absl::Status status = index.Narrow(id, blocks, bytes_read);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_LE(bytes_read, 8192U);
    return blocks;
  }
  static std::vector<uint32_t> Find(const IdIndex& index, const std::string& id) {
    std::vector<uint32_t> blocks;
    for (const BlockRows& rows : FindRows(index, id)) blocks.push_back(rows.block);
    return blocks;
  }

  base::MemEnv env_;
  std::string path_;
  std::vector<std::unique_ptr<IdIndexInfo>> infos_;
  std::vector<std::unique_ptr<base::RandomAccessFile>> files_;
};

// REQ F-05
TEST_F(IdIndexTest, FindsTheBlocksOfAnIdAndFewOthers) {
  for (const uint32_t ids : {1U, 100U, 5000U, 200'000U}) {
    SCOPED_TRACE(ids);
    constexpr uint32_t kBlocks = 50;
    std::vector<std::vector<std::string>> blocks(kBlocks);
    for (uint32_t i = 0; i < ids; ++i) {
      blocks[i % kBlocks].push_back(Id(i));
      if (i % 10 == 0) blocks[(i + 7) % kBlocks].push_back(Id(i));
      if (i % 3 == 0) blocks[i % kBlocks].push_back(Id(i));  // again
    }
    const auto index = Written(blocks);
    EXPECT_TRUE(index->Check().ok());
    // 30 bits less log2(entries), 1.5 more for the Rice code, log2(blocks), 5 for the rows: the fewer ids,
    // the more each takes.
    EXPECT_LE(index->info().bytes, 60 + ids * (ids == 200'000U ? 3.5 : 5.0));
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < ids; i += 1 + ids / 1000) {
      const std::vector<uint32_t> found = Find(*index, Id(i));
      ASSERT_TRUE(std::binary_search(found.begin(), found.end(), i % kBlocks)) << i;
      if (i % 10 == 0) {
        ASSERT_TRUE(std::binary_search(found.begin(), found.end(), (i + 7) % kBlocks)) << i;
      }
      wrong += found.size() > 1 + (i % 10 == 0 ? 1 : 0) ? 1 : 0;
      wrong += Find(*index, Id(ids + i)).empty() ? 0 : 1;
    }
    EXPECT_LE(wrong, 5U);
  }
}

TEST_F(IdIndexTest, AnIdOfMostBlocksCostsOneEntry) {
  std::vector<std::vector<std::string>> blocks(100, {"everywhere_1"});
  blocks[3].emplace_back("only_here_1");
  const auto index = Written(blocks);
  EXPECT_EQ(index->info().entries, 2U);
  EXPECT_EQ(Find(*index, "everywhere_1").size(), 100U);
  EXPECT_EQ(Find(*index, "only_here_1"), std::vector<uint32_t>{3});
}

TEST_F(IdIndexTest, WithoutIdsThereIsNothing) {
  const auto index = Written(std::vector<std::vector<std::string>>(3));
  EXPECT_EQ(index->info().bytes, 0U);
  EXPECT_TRUE(Find(*index, "anything_1").empty());
  EXPECT_TRUE(index->Check().ok());
}

// A merge: blocks of two indexes and a new one, in another order, some left out.
TEST_F(IdIndexTest, MergesIndexesByTheirEntries) {
  std::vector<std::vector<std::string>> first(6);
  std::vector<std::vector<std::string>> second(5);
  for (uint32_t i = 0; i < 3000; ++i) {
    first[i % 6].push_back(Id(i));
    second[i % 5].push_back(Id(100'000 + i));
    first[i % 6].emplace_back("everywhere_1");
  }
  const auto a = Written(first);
  const auto b = Written(second);
  IdIndexWriter writer;
  writer.CopyBlock(*a, 5, 0);
  writer.CopyBlock(*b, 0, 1);
  const std::vector<IdRows> ids = {{HashOfId(Id(7)), 0, 1}, {HashOfId(Id(777'777)), 60'000, 60'001}};
  writer.AddBlock(ids, 2);
  writer.CopyBlock(*a, 1, 3);
  writer.CopyBlock(*b, 3, 4);
  writer.CopyBlock(*b, 4, 5);
  const auto merged = Written(writer, {5, 4, 3, 2, 1, 0});
  EXPECT_TRUE(merged->Check().ok());
  EXPECT_EQ(Find(*merged, Id(5)), std::vector<uint32_t>{5});
  EXPECT_EQ(Find(*merged, Id(7)), (std::vector<uint32_t>{2, 3}));  // 7 % 6 == 1, and the new block
  EXPECT_EQ(Find(*merged, Id(777'777)), std::vector<uint32_t>{3});
  EXPECT_EQ(Find(*merged, Id(100'000)), std::vector<uint32_t>{4});
  EXPECT_EQ(Find(*merged, Id(100'004)), std::vector<uint32_t>{0});
  EXPECT_EQ(Find(*merged, "everywhere_1"), (std::vector<uint32_t>{2, 5}));
  const std::vector<BlockRows> rows = FindRows(*merged, Id(777'777));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_LE(rows[0].begin, 60'000U);
  EXPECT_GT(rows[0].end, 60'001U);
  EXPECT_LE(rows[0].end - rows[0].begin, 2 * kHintRows);
  EXPECT_TRUE(Find(*merged, Id(0)).empty()) << "its block was left out";
  EXPECT_TRUE(Find(*merged, Id(100'001)).empty());
}

// Parts of versions 2 and 3 have 28 and 26 bits: a merged index has the fewest, and loses no id.
TEST_F(IdIndexTest, MergesHashesOfDifferentLengths) {
  const auto old26 = WithHashesOf(26, true, 40);
  const auto old28 = WithHashesOf(28, false, 40);
  const auto all = std::vector<const IdIndex*>{old26.get(), old28.get()};
  for (const auto& [sources, bits] :
       {std::pair(std::vector<const IdIndex*>{}, kIdHashBits),
        std::pair(std::vector<const IdIndex*>{old28.get()}, 28U), std::pair(all, 26U)}) {
    SCOPED_TRACE(bits);
    IdIndexWriter writer;
    uint32_t blocks = 0;
    for (const IdIndex* source : sources) {
      for (uint32_t block = 0; block < 40; ++block) writer.CopyBlock(*source, block, blocks++);
    }
    std::vector<IdRows> ids;
    for (uint32_t i = 1000; i < 6000; ++i) ids.push_back({HashOfId(Id(i)), 0, 1});
    writer.AddBlock(ids, blocks++);
    std::vector<uint32_t> numbers(blocks);
    std::iota(numbers.begin(), numbers.end(), 0);
    const auto merged = Written(writer, numbers);
    EXPECT_EQ(merged->info().hash_bits, bits);
    EXPECT_TRUE(merged->Check().ok());
    EXPECT_EQ(merged->info().entries, 5000 + 80 * sources.size());
    for (uint32_t i = 1000; i < 6000; ++i) {
      const std::vector<BlockRows> found = FindRows(*merged, Id(i));
      ASSERT_FALSE(found.empty()) << i;
      EXPECT_EQ(found.back().block, blocks - 1);
      EXPECT_EQ(found.back().end, 2 * kHintRows);
    }
    for (uint32_t i = 0; i < 80 && !sources.empty(); ++i) {
      const std::vector<BlockRows> found = FindRows(*merged, Id(i));
      ASSERT_EQ(found.size(), sources.size()) << i;
      for (size_t source = 0; source < sources.size(); ++source) {
        EXPECT_EQ(found[source].block, 40 * source + i % 40);
        EXPECT_EQ(found[source].all(), !sources[source]->info().has_hints);
      }
    }
  }
}

// REQ D-02
TEST_F(IdIndexTest, EveryByteIsGuarded) {
  std::vector<std::vector<std::string>> blocks(9);
  for (uint32_t i = 0; i < 3000; ++i) blocks[i % 9].push_back(Id(i));
  const auto index = Written(blocks);
  const std::string data = *base::ReadFile(env_, path_, UINT64_MAX);
  for (uint64_t offset = index->info().offset; offset < data.size(); offset += 13) {
    ASSERT_TRUE(env_.Corrupt(path_, offset, std::string(1, static_cast<char>(data[offset] ^ 4))).ok());
    EXPECT_TRUE(absl::IsDataLoss(index->Check())) << offset;
    ASSERT_TRUE(env_.Corrupt(path_, offset, std::string(1, data[offset])).ok());
  }
  EXPECT_TRUE(index->Check().ok());
}

// REQ F-05
TEST_F(IdIndexTest, SaysInWhichRowsOfABlockAnIdIs) {
  IdIndexWriter writer;
  std::vector<IdRows> ids;
  std::vector<std::pair<uint32_t, uint32_t>> ranges;
  for (uint32_t i = 0; i < 4000; ++i) {
    const uint32_t first = i * 2654435761U % 65'536;
    ranges.emplace_back(first, std::min(first + i % (3 * kHintRows), 65'535U));
    ids.push_back({HashOfId(Id(i)), ranges.back().first, ranges.back().second});
  }
  ids.push_back({HashOfId("twice_near_1"), 10, 20});
  ids.push_back({HashOfId("twice_near_1"), 30, 40});
  ids.push_back({HashOfId("twice_far_1"), 10, 20});
  ids.push_back({HashOfId("twice_far_1"), 60'000, 60'000});
  writer.AddBlock(ids, 0);
  const auto index = Written(writer, {0});
  EXPECT_TRUE(index->Check().ok());
  size_t narrow = 0;
  for (uint32_t i = 0; i < ranges.size(); ++i) {
    const std::vector<BlockRows> found = FindRows(*index, Id(i));
    ASSERT_EQ(found.size(), 1U);
    ASSERT_LE(found[0].begin, ranges[i].first);
    ASSERT_GT(found[0].end, ranges[i].second);
    narrow += found[0].all() ? 0 : 1;
    if (ranges[i].second - ranges[i].first < kHintRows) {
      EXPECT_FALSE(found[0].all()) << i;
    }
  }
  EXPECT_GT(narrow, 1000U);
  EXPECT_LT(narrow, 3500U) << "ids that are everywhere are not narrowed";
  EXPECT_EQ(FindRows(*index, "twice_near_1")[0].end, 2 * kHintRows);
  EXPECT_TRUE(FindRows(*index, "twice_far_1")[0].all());
}

// REQ F-05
TEST(RowHint, CoversTheRowsAndIsAHintOfFewOrNone) {
  for (uint32_t first = 0; first < record::kMaxBatchRows; first += 97) {
    for (const uint32_t more : {0U, 1U, kHintRows, 2 * kHintRows, 40'000U}) {
      const uint32_t last = std::min<uint32_t>(first + more, record::kMaxBatchRows - 1);
      const uint32_t hint = RowHint(first, last);
      if (hint == kAnyRows) {
        EXPECT_GE(last - first, kHintRows);
        continue;
      }
      EXPECT_LE(hint * kHintRows, first);
      EXPECT_GT((hint + 2) * kHintRows, last);
    }
  }
}

TEST(IdHashes, TakesEveryIdOfATextOnceWithItsRows) {
  IdHashes ids;
  for (uint32_t i = 5; i < 8; ++i) {
    ids.Add("request REQ_00112233 ended for usr_12345678, 12345678 times", i, 2 * i);
  }
  EXPECT_EQ(ids.calls(), 6U);
  EXPECT_EQ(ids.Take(),
            (std::vector<IdRows>{{HashOfId("req_00112233"), 5, 14}, {HashOfId("usr_12345678"), 5, 14}}));
  EXPECT_TRUE(ids.Take().empty());
  ids.Add("REQ_00112233", 0, 0);
  EXPECT_EQ(ids.Take().size(), 1U);
}

}  // namespace
}  // namespace taffrail::store
