// Many appenders and readers at once, with background flushes and merges.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "base/mem_env.h"
#include "store/reference_test.h"

namespace taffrail::store {
namespace {

TEST(StoreThreads, AppendersAndReadersAtOnce) {
  base::MemEnv env;
  const StoreOptions options{.dir = "/s", .env = &env, .memtable_bytes = 32 << 10, .min_free_bytes = 0};
  auto store = Store::Open(options);
  ASSERT_TRUE(store.ok()) << store.status();
  constexpr int kAppenders = 4;
  constexpr int kBatches = 60;
  std::vector<Reference> references(kAppenders);
  std::atomic<uint64_t> acknowledged = 0;
  std::atomic<uint64_t> observed = 0;
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < kAppenders; ++t) {
    threads.emplace_back([&, t] {
      LineSource source(static_cast<uint64_t>(t) + 100);
      for (int i = 0; i < kBatches; ++i) {
        std::vector<Row> rows(1 + source.Below(60));
        for (Row& row : rows) row = source.Next(2);
        const auto observe = [&](const record::RecordBatch& batch) {
          EXPECT_EQ(batch.sequence.size(), rows.size());
          observed += batch.rows();
        };
        EXPECT_TRUE((*store)->Append(MakeBatch(rows), observe).ok());
        acknowledged += rows.size();
        references[static_cast<size_t>(t)].Add(rows);
      }
    });
  }
  std::thread reader([&] {
    while (!done) {
      const uint64_t before = acknowledged;
      for (const Order order : {Order::kNone, Order::kDescending}) {
        EXPECT_GE(ReadRows(**store, order).size(), before);  // what was acknowledged is visible
      }
    }
  });
  for (std::thread& thread : threads) thread.join();
  done = true;
  reader.join();
  EXPECT_EQ(observed, acknowledged);
  EXPECT_GT((*store)->Info().flushes, 0U);
  EXPECT_TRUE((*store)->Info().background_error.ok()) << (*store)->Info().background_error;

  std::vector<Row> expected;
  for (const Reference& reference : references) {
    expected.insert(expected.end(), reference.rows().begin(), reference.rows().end());
  }
  std::sort(expected.begin(), expected.end());
  for (const bool reopened : {false, true}) {
    if (reopened) {
      store->reset();
      store = Store::Open(options);
      ASSERT_TRUE(store.ok()) << store.status();
    }
    std::vector<Row> actual = ReadRows(**store, Order::kAscending);
    std::sort(actual.begin(), actual.end());
    EXPECT_EQ(actual, expected);
  }
}

// While one sync is under way, others queue and share the next.
TEST(StoreThreads, GroupCommitSharesSyncs) {
  base::MemEnv env;
  auto store = Store::Open({.dir = "/s", .env = &env, .commit_window_us = 2000, .min_free_bytes = 0});
  ASSERT_TRUE(store.ok()) << store.status();
  const uint64_t before = env.operations();
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&store] {
      for (int i = 0; i < 50; ++i) {
        EXPECT_TRUE((*store)->Append(MakeBatch({{.timestamp_ns = i, .line = R"({"a":1})"}})).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ((*store)->Info().rows, 400U);
  EXPECT_LT(env.operations() - before, 400U * 2);  // alone, each append is a write and a sync
}

// Lines of which no more come do not stay in memory and in the log.
TEST(StoreThreads, LinesAtRestBecomeAPart) {  // REQ D-03
  base::MemEnv env;
  auto store = Store::Open({.dir = "/s", .env = &env, .idle_flush_s = 1, .min_free_bytes = 0});
  ASSERT_TRUE(store.ok()) << store.status();
  LineSource source(3);
  Reference reference;
  while ((*store)->Info().raw_bytes < (size_t{2} << 20)) {
    std::vector<Row> rows(500);
    for (Row& row : rows) row = source.Next();
    ASSERT_TRUE((*store)->Append(MakeBatch(rows)).ok());
    reference.Add(rows);
  }
  env.SleepNs(2'000'000'000);
  for (int i = 0; i < 600 && (*store)->Info().memtable_rows > 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ((*store)->Info().memtable_rows, 0U);
  EXPECT_GE((*store)->Info().flushes, 1U);
  ExpectSame(**store, reference);
}

// REQ I-04
TEST(StoreThreads, BackPressureEndsInAnErrorWhenFlushesCannotGoOn) {
  base::MemEnv env;
  auto store = Store::Open({.dir = "/s", .env = &env, .memtable_bytes = 8 << 10, .min_free_bytes = 0});
  ASSERT_TRUE(store.ok()) << store.status();
  env.SetCapacity(60'000);
  LineSource source(1);
  Reference reference;
  absl::Status status;
  for (int i = 0; i < 2000 && status.ok(); ++i) {
    std::vector<Row> rows(20);
    for (Row& row : rows) row = source.Next();
    status = (*store)->Append(MakeBatch(rows));
    if (status.ok()) reference.Add(rows);
  }
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  ExpectSame(**store, reference);
  env.SetCapacity(UINT64_MAX);
  std::vector<Row> rows(20);
  for (Row& row : rows) row = source.Next();
  for (int i = 0; i < 200; ++i) {  // the flush thread tries again after a while
    status = (*store)->Append(MakeBatch(rows));
    if (status.ok()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ASSERT_TRUE(status.ok()) << status;
  reference.Add(rows);
  ExpectSame(**store, reference);
}

}  // namespace
}  // namespace taffrail::store
