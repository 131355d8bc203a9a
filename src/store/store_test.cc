#include "store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/mem_env.h"
#include "store/reference_test.h"

namespace taffrail::store {
namespace {

using ::testing::HasSubstr;

class StoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<Store> Open(size_t memtable_bytes = size_t{64} << 10) {
    absl::StatusOr<std::unique_ptr<Store>> store = TryOpen(memtable_bytes);
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }
  absl::StatusOr<std::unique_ptr<Store>> TryOpen(size_t memtable_bytes = size_t{64} << 10) {
    return Store::Open({.dir = "/s",
                        .env = &env_,
                        .memtable_bytes = memtable_bytes,
                        .min_free_bytes = 0,
                        .background = false});
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

  base::MemEnv env_;
  Reference reference_;
};

// REQ D-01
TEST_F(StoreTest, EveryLineComesBackInEveryOrder) {
  for (const uint64_t seed : {1, 2, 3}) {
    SCOPED_TRACE(seed);
    env_.KillProcess();
    base::MemEnv fresh;
    LineSource source(seed);
    reference_ = Reference();
    const StoreOptions options{.dir = fmt::format("/s{}", seed),
                               .env = &env_,
                               .memtable_bytes = 64 << 10,
                               .min_free_bytes = 0,
                               .background = false};
    auto store = Store::Open(options);
    ASSERT_TRUE(store.ok()) << store.status();
    Fill(**store, source, 3000, /*days=*/3);
    ExpectSame(**store, reference_);
    EXPECT_GT((*store)->Info().parts.size(), 3U);
    store->reset();
    store = Store::Open(options);
    ASSERT_TRUE(store.ok()) << store.status();
    ExpectSame(**store, reference_);
    ASSERT_TRUE((*store)->Flush().ok());
    EXPECT_EQ((*store)->Info().memtable_rows, 0U);
    ExpectSame(**store, reference_);
    ASSERT_TRUE((*store)->Compact().ok());
    ExpectSame(**store, reference_);
    EXPECT_EQ((*store)->Info().rows, 3000U);
    Fill(**store, source, 500);
    store->reset();
    store = Store::Open(options);
    ASSERT_TRUE(store.ok()) << store.status();
    ExpectSame(**store, reference_);
  }
}

}  // namespace
}  // namespace taffrail::store
