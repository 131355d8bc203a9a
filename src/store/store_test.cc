#include "store/store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "base/mem_env.h"
#include "store/reference_test.h"

namespace taffrail::store {
namespace {

class StoreTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Store>> TryOpen(size_t memtable_bytes = size_t{64} << 10) {
    return Store::Open({.dir = "/s",
                        .env = env_.get(),
                        .memtable_bytes = memtable_bytes,
                        .min_free_bytes = 0,
                        .background = false});
  }
  std::unique_ptr<Store> Open(size_t memtable_bytes = size_t{64} << 10) {
    absl::StatusOr<std::unique_ptr<Store>> store = TryOpen(memtable_bytes);
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }
  void Reopen(std::unique_ptr<Store>& store) {
    store = nullptr;
    store = Open();
  }
  // Appends `rows` lines in batches of random size.
  void Fill(Store& store, LineSource& source, size_t rows, int days = 1) {
    while (rows > 0) {
      std::vector<Row> some(std::min<size_t>(rows, 1 + source.Below(200)));
      for (Row& row : some) row = source.Next(days);
      rows -= some.size();
      ASSERT_TRUE(store.Append(MakeBatch(some)).ok());
      reference_.Add(some);
    }
  }
  size_t PartFiles() {
    const std::vector<std::string> names = *env_->List("/s");
    return static_cast<size_t>(std::count_if(names.begin(), names.end(),
                                             [](const std::string& name) { return name.ends_with(".tfp"); }));
  }

  std::unique_ptr<base::MemEnv> env_ = std::make_unique<base::MemEnv>();
  Reference reference_;
};

// REQ D-01
TEST_F(StoreTest, EveryLineComesBackInEveryOrder) {
  for (const uint64_t seed : {1, 2, 3}) {
    SCOPED_TRACE(seed);
    env_ = std::make_unique<base::MemEnv>();
    reference_ = Reference();
    LineSource source(seed);
    auto store = Open();
    Fill(*store, source, 3000, /*days=*/3);
    ExpectSame(*store, reference_);
    EXPECT_GT(store->Info().parts.size(), 3U);
    Reopen(store);
    ExpectSame(*store, reference_);
    ASSERT_TRUE(store->Flush().ok());
    EXPECT_EQ(store->Info().memtable_rows, 0U);
    EXPECT_LT(store->Info().wal_bytes, 100U);  // not what the parts hold now
    ExpectSame(*store, reference_);
    ASSERT_TRUE(store->Compact().ok());
    EXPECT_LE(store->Info().parts.size(), 4U);  // one a day
    ExpectSame(*store, reference_);
    EXPECT_EQ(store->Info().rows, 3000U);
    Fill(*store, source, 500);
    Reopen(store);
    ExpectSame(*store, reference_);
  }
}

// REQ D-01
TEST_F(StoreTest, TenThousandKeysAreHarmless) {
  auto store = Open(size_t{64} << 20);
  std::vector<Row> rows;
  for (int i = 0; i < 10'000; ++i) {
    rows.push_back({.timestamp_ns = i, .line = fmt::format(R"({{"key{}":{},"common":"x"}})", i, i)});
  }
  ASSERT_TRUE(store->Append(MakeBatch(rows)).ok());
  reference_.Add(rows);
  ASSERT_TRUE(store->Flush().ok());
  ExpectSame(*store, reference_);
  // A key costs a few dozen bytes of directory, not a file or a mapping.
  EXPECT_LT(store->Info().parts.at(0).file_bytes, 10'000U * 64);
}

TEST_F(StoreTest, SequencesFollowArrivalAndRawBytesAreExact) {
  auto store = Open(size_t{1} << 20);
  LineSource source(5);
  Fill(*store, source, 1000);
  uint64_t raw_bytes = 0;
  for (const Row& row : reference_.rows()) raw_bytes += row.line.size() + 1;
  EXPECT_EQ(store->Info().raw_bytes, raw_bytes);
  EXPECT_EQ(store->Info().next_sequence, 1000U);
  ASSERT_TRUE(store->Flush().ok());
  EXPECT_EQ(store->Info().raw_bytes, raw_bytes);
  std::vector<uint64_t> sequences;
  ASSERT_TRUE(store
                  ->Scan(
                      {},
                      [&](const record::RecordBatch& batch, const expr::Selection& rows) {
                        for (const uint32_t row : rows) sequences.push_back(batch.sequence[row]);
                        return true;
                      },
                      nullptr)
                  .ok());
  std::sort(sequences.begin(), sequences.end());
  for (size_t i = 0; i < sequences.size(); ++i) ASSERT_EQ(sequences[i], i);
}

TEST_F(StoreTest, TimeRangeIsExactInPartsAndMemtable) {
  auto store = Open(size_t{16} << 10);
  LineSource source(6);
  Fill(*store, source, 2000, /*days=*/2);
  std::vector<Row> sorted = reference_.InOrder(Order::kAscending);
  const int64_t from = sorted[300].timestamp_ns;
  const int64_t to = sorted[1500].timestamp_ns;
  std::erase_if(sorted, [&](const Row& row) { return row.timestamp_ns < from || row.timestamp_ns >= to; });
  ScanStats stats;
  const auto rows = ReadRows(*store, {.range = {from, to}, .order = Order::kAscending}, &stats);
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(*rows, sorted);
  EXPECT_GT(stats.blocks_pruned_time, 0U);
  EXPECT_EQ(stats.rows_matched, sorted.size());
}

TEST_F(StoreTest, IdsPruneBlocksAndFindTheirRows) {
  auto store = Open(size_t{16} << 10);
  LineSource source(7);
  Fill(*store, source, 3000);
  ASSERT_TRUE(store->Flush().ok());
  const std::vector<Row>& all = reference_.rows();
  const auto sample = std::find_if(all.begin() + 1500, all.end(),
                                   [](const Row& row) { return row.line.find("req_") != std::string::npos; });
  const std::string id = sample->line.substr(sample->line.find("req_"), 16);
  const auto predicate = expr::Matcher::Compile(expr::Make(
      {.op = expr::Expr::Op::kPhrase, .field = {.source = expr::FieldRef::Source::kAny}, .text = id}));
  ASSERT_TRUE(predicate.ok());
  ScanStats stats;
  const auto rows = ReadRows(*store, {.predicate = *predicate, .order = Order::kAscending}, &stats);
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(rows->front(), *sample);
  EXPECT_GT(stats.blocks, 10U);
  EXPECT_GE(stats.blocks_pruned_words + 2, stats.blocks);
}

TEST_F(StoreTest, NumberRangesPruneBlocks) {
  auto store = Open(size_t{1} << 20);
  for (int block = 0; block < 4; ++block) {
    std::vector<Row> rows;
    for (int i = 0; i < 100; ++i) {
      const int value = block * 100 + i;
      rows.push_back({.timestamp_ns = value, .line = fmt::format(R"({{"took":{}.5}})", value)});
    }
    ASSERT_TRUE(store->Append(MakeBatch(rows)).ok());
    ASSERT_TRUE(store->Flush().ok());
  }
  const auto predicate = expr::Matcher::Compile(expr::Make({.op = expr::Expr::Op::kGreater,
                                                            .field = {.name = "took"},
                                                            .text = "350",
                                                            .number = 350,
                                                            .is_number = true}));
  ASSERT_TRUE(predicate.ok());
  ScanStats stats;
  const auto rows = ReadRows(*store, {.predicate = *predicate, .order = Order::kAscending}, &stats);
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 50U);
  EXPECT_EQ(rows->front().line, R"({"took":350.5})");
  EXPECT_EQ(stats.blocks_pruned_range, 3U);
}

TEST_F(StoreTest, OnlyAskedColumnsAreLoaded) {
  auto store = Open();
  ASSERT_TRUE(store->Append(MakeBatch({{.timestamp_ns = 1, .line = R"({"a":"x","b":2,"c":"z"})"}})).ok());
  ASSERT_TRUE(store->Flush().ok());
  const auto predicate =
      expr::Matcher::Compile(expr::Make({.op = expr::Expr::Op::kEqual, .field = {.name = "a"}, .text = "x"}));
  ASSERT_TRUE(predicate.ok());
  int calls = 0;
  ASSERT_TRUE(store
                  ->Scan(
                      {.predicate = *predicate, .columns = {.fields = {{.name = "b"}}}},
                      [&](const record::RecordBatch& batch, const expr::Selection& rows) {
                        ++calls;
                        EXPECT_EQ(rows, expr::Selection{0});
                        for (const record::Column& column : batch.columns) {
                          EXPECT_EQ(column.loaded, column.key.path != "c") << column.key.path;
                        }
                        return true;
                      },
                      nullptr)
                  .ok());
  EXPECT_EQ(calls, 1);
}

TEST_F(StoreTest, ScanEndsWhenTheSinkSaysSoAndWhenCancelled) {
  auto store = Open(size_t{16} << 10);
  LineSource source(8);
  Fill(*store, source, 2000);
  for (const Order order : {Order::kNone, Order::kAscending, Order::kDescending}) {
    int calls = 0;
    const auto stop = [&](const record::RecordBatch&, const expr::Selection&) { return ++calls < 2; };
    EXPECT_TRUE(store->Scan({.order = order}, stop, nullptr).ok());
    EXPECT_EQ(calls, 2);
    const auto go_on = [](const record::RecordBatch&, const expr::Selection&) { return true; };
    EXPECT_TRUE(
        absl::IsCancelled(store->Scan({.order = order, .cancelled = [] { return true; }}, go_on, nullptr)));
  }
}

TEST_F(StoreTest, ReadersKeepTheirSnapshotWhilePartsAreMergedAway) {
  auto store = Open(size_t{16} << 10);
  LineSource source(9);
  Fill(*store, source, 2000);
  ASSERT_TRUE(store->Flush().ok());
  size_t rows = 0;
  bool compacted = false;
  ASSERT_TRUE(store
                  ->Scan(
                      {.columns = {.line = true}, .order = Order::kAscending},
                      [&](const record::RecordBatch&, const expr::Selection& selection) {
                        rows += selection.size();
                        if (!std::exchange(compacted, true)) {
                          EXPECT_TRUE(store->Compact().ok());
                        }
                        return true;
                      },
                      nullptr)
                  .ok());
  EXPECT_EQ(rows, 2000U);
  EXPECT_EQ(PartFiles(), store->Info().parts.size());  // the old ones went with the reader
}

TEST_F(StoreTest, IsLockedAgainstASecondWriterButNotAReader) {
  auto store = Open();
  LineSource source(10);
  Fill(*store, source, 500);
  EXPECT_TRUE(absl::IsFailedPrecondition(TryOpen().status())) << TryOpen().status();
  auto reader = Store::Open({.dir = "/s", .env = env_.get(), .read_only = true});
  ASSERT_TRUE(reader.ok()) << reader.status();
  ExpectSame(**reader, reference_);
  const uint64_t operations = env_->operations();
  EXPECT_TRUE(absl::IsFailedPrecondition((*reader)->Append(MakeBatch({{.line = "{}"}}))));
  reader->reset();
  EXPECT_EQ(env_->operations(), operations);
  EXPECT_TRUE(absl::IsNotFound(Store::Open({.dir = "/none", .env = env_.get(), .read_only = true}).status()));
}

TEST_F(StoreTest, KeepsAReserveOfFreeSpace) {
  env_->SetCapacity(1 << 20);
  auto store = Store::Open({.dir = "/s", .env = env_.get(), .min_free_bytes = 1 << 20, .background = false});
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_TRUE(absl::IsResourceExhausted((*store)->Append(MakeBatch({{.line = "{}"}}))));
}

// REQ I-04
TEST_F(StoreTest, OpensOnAFullDiskForSearches) {
  LineSource source(7);
  auto store = Open();
  Fill(*store, source, 500);
  ASSERT_TRUE(store->Flush().ok());
  Fill(*store, source, 100);
  store = nullptr;
  env_->SetCapacity(1);
  for (int i = 0; i < 2; ++i) {
    store = Open();
    ASSERT_NE(store, nullptr);
    ExpectSame(*store, reference_);
    EXPECT_TRUE(absl::IsResourceExhausted(store->Append(MakeBatch({{.line = "{}"}}))));
    store = nullptr;
  }
  // Room: the same store goes on, and what it goes on from is durable.
  store = Open();
  env_->SetCapacity(UINT64_MAX);
  Fill(*store, source, 100);
  store = nullptr;
  env_->Crash(1);
  store = Open();
  ExpectSame(*store, reference_);
}

}  // namespace
}  // namespace taffrail::store
