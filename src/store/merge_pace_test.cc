#include "store/merge_pace.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <thread>

#include "base/mem_env.h"
#include "store/reference_test.h"

namespace taffrail::store {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr int64_t kSecondNs = 1'000'000'000;

class MergePaceTest : public ::testing::Test {
 protected:
  // What the clock of the machine says that writing took; writing itself takes no time here.
  int64_t WriteMiB(MergePace& pace, int count) {
    const int64_t begin_ns = env_.MonotonicNs();
    for (int i = 0; i < count; ++i) pace.Wrote(kMiB);
    return env_.MonotonicNs() - begin_ns;
  }

  base::MemEnv env_;
  std::atomic<bool> stop_ = false;
};

// REQ D-03
TEST_F(MergePaceTest, WritesNoFasterThanItMay) {
  MergePace pace(env_, 16 * kMiB, stop_);
  EXPECT_EQ(WriteMiB(pace, 4), 0);           // the credit: a quarter of a second
  EXPECT_EQ(WriteMiB(pace, 16), kSecondNs);  // sleeps to the nanosecond
  EXPECT_EQ(WriteMiB(pace, 64), 4 * kSecondNs);
  EXPECT_EQ(pace.waited_ns(), 5 * kSecondNs);
}

TEST_F(MergePaceTest, SlowWritersDoNotSleepAndSaveNoMoreThanTheCredit) {
  MergePace pace(env_, 16 * kMiB, stop_);
  for (int i = 0; i < 50; ++i) {
    env_.AdvanceNs(kSecondNs / 10);
    EXPECT_EQ(WriteMiB(pace, 1), 0);
  }
  env_.AdvanceNs(3600 * kSecondNs);
  EXPECT_EQ(WriteMiB(pace, 20), kSecondNs);
}

TEST_F(MergePaceTest, NoLimitAndAStoreThatCloses) {
  MergePace unlimited(env_, 0, stop_);
  EXPECT_EQ(WriteMiB(unlimited, 1000), 0);
  MergePace pace(env_, 1, stop_);
  stop_ = true;
  EXPECT_EQ(WriteMiB(pace, 1000), 0);
}

TEST_F(MergePaceTest, WhoIsInAHurryIsNotMadeToWait) {
  MergePace pace(env_, 16 * kMiB, stop_);
  {
    const MergePace::Hurry hurry(pace);
    EXPECT_EQ(WriteMiB(pace, 1000), 0);
  }
  EXPECT_EQ(WriteMiB(pace, 16), kSecondNs);  // and it is not made up for
}

// REQ D-03
TEST_F(MergePaceTest, TheStoresMergesKeepToIt) {
  const StoreOptions options{
      .dir = "/s", .env = &env_, .memtable_bytes = 16 << 10, .min_free_bytes = 0, .merge_bytes_per_s = 4096};
  auto store = Store::Open(options);
  ASSERT_TRUE(store.ok()) << store.status();
  const int64_t begin_ns = env_.MonotonicNs();
  LineSource source(5);
  Reference reference;
  while ((*store)->Info().merges < 3) {  // the first has used the credit
    std::vector<Row> rows(50);
    for (Row& row : rows) row = source.Next(1);
    ASSERT_TRUE((*store)->Append(MakeBatch(rows)).ok());
    reference.Add(rows);
    std::this_thread::sleep_for(std::chrono::microseconds(200));  // merges need a turn on a busy machine
  }
  const StoreInfo info = (*store)->Info();
  EXPECT_GT(info.merge_waited_ns, 0);
  EXPECT_GE(env_.MonotonicNs() - begin_ns, info.merge_waited_ns);
  // A delete is not held up by what a merge would still have to wait.
  ASSERT_TRUE((*store)->DropBefore(-1'000'000, /*dry_run=*/false).ok());
  EXPECT_EQ(ReadRows(**store, Order::kAscending).size(), reference.rows().size());
  EXPECT_TRUE(info.background_error.ok()) << info.background_error;
  while ((*store)->Info().busy) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const uint64_t merges = (*store)->Info().merges;
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ((*store)->Info().merges, merges) << "it was not at rest";
}

}  // namespace
}  // namespace taffrail::store
