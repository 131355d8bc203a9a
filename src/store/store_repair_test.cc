// Damage: found by verify, named, and mended by repair.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/mem_env.h"
#include "store/reference_test.h"

namespace taffrail::store {
namespace {

using ::testing::HasSubstr;

class RepairTest : public ::testing::Test {
 protected:
  StoreOptions Options() {
    return {.dir = "/s", .env = &env_, .memtable_bytes = 24 << 10, .min_free_bytes = 0, .background = false};
  }
  void SetUp() override {
    auto store = Store::Open(Options());
    ASSERT_TRUE(store.ok()) << store.status();
    LineSource source(1);
    for (int i = 0; i < 40; ++i) {
      std::vector<Row> rows(30);
      for (Row& row : rows) row = source.Next();
      ASSERT_TRUE((*store)->Append(MakeBatch(rows)).ok());
      reference_.Add(rows);
    }
    ASSERT_GT((*store)->Info().parts.size(), 3U);
    ASSERT_GT((*store)->Info().memtable_rows, 30U);
  }
  std::string FirstFile(std::string_view prefix) {
    const std::vector<std::string> names = *env_.List("/s");
    for (const std::string& name : names) {
      if (name.starts_with(prefix)) return "/s/" + name;
    }
    return "";
  }
  void Damage(const std::string& path, uint64_t offset) {
    const std::string data = *base::ReadFile(env_, path, UINT64_MAX);
    ASSERT_LT(offset, data.size());
    ASSERT_TRUE(env_.Corrupt(path, offset, std::string(1, static_cast<char>(data[offset] ^ 0x10))).ok());
  }
  // Repairs, and returns the rows that are there then: each one of the reference, none twice.
  size_t RowsAfterRepair() {
    const auto repaired = Store::Repair(env_, "/s");
    EXPECT_TRUE(repaired.ok()) << repaired.status();
    const auto verified = Store::Verify(env_, "/s", nullptr);
    EXPECT_TRUE(verified.ok()) << verified.status();
    EXPECT_TRUE(verified.ok() && verified->damage.empty());
    auto store = Store::Open(Options());
    EXPECT_TRUE(store.ok()) << store.status();
    std::vector<Row> rows = ReadRows(**store, Order::kAscending);
    std::vector<Row> expected = reference_.rows();
    std::sort(rows.begin(), rows.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_TRUE(std::includes(expected.begin(), expected.end(), rows.begin(), rows.end()));
    return rows.size();
  }

  base::MemEnv env_;
  Reference reference_;
};

// REQ D-02
TEST_F(RepairTest, EveryByteOfAPartIsGuarded) {
  const std::string part = FirstFile("part-");
  const uint64_t size = *env_.FileSize(part);
  for (uint64_t offset = 0; offset < size; offset += 97) {
    SCOPED_TRACE(offset);
    Damage(part, offset);
    const auto report = Store::Verify(env_, "/s", nullptr);
    ASSERT_TRUE(report.ok()) << report.status();
    ASSERT_EQ(report->damage.size(), 1U);
    EXPECT_THAT(report->damage[0], HasSubstr(part));
    Damage(part, offset);  // back as it was
  }
  const auto report = Store::Verify(env_, "/s", nullptr);
  ASSERT_TRUE(report.ok());
  EXPECT_TRUE(report->damage.empty());
  EXPECT_EQ(report->rows, reference_.rows().size());
}

// REQ D-02
TEST_F(RepairTest, AScanOverADamagedBlockFailsWithItsPlace) {
  const std::string part = FirstFile("part-");
  Damage(part, 200);
  auto store = Store::Open(Options());
  ASSERT_TRUE(store.ok()) << store.status();
  for (const Order order : {Order::kNone, Order::kAscending}) {
    const auto rows = ReadRows(**store, ScanRequest{.order = order});
    EXPECT_TRUE(absl::IsDataLoss(rows.status())) << rows.status();
    EXPECT_THAT(std::string(rows.status().message()), HasSubstr(part + ": at byte"));
  }
}

// REQ D-02
TEST_F(RepairTest, ADamagedBlockCostsItsRowsOnly) {
  const std::string part = FirstFile("part-");
  Damage(part, 200);
  const size_t rows = RowsAfterRepair();
  EXPECT_LT(rows, reference_.rows().size());
  EXPECT_GT(rows, reference_.rows().size() / 2);
  EXPECT_TRUE(env_.Exists("/s/quarantine/" + part.substr(3)));
}

// REQ D-02
TEST_F(RepairTest, ADamagedFooterCostsNothing) {
  const std::string part = FirstFile("part-");
  Damage(part, *env_.FileSize(part) - 5);
  EXPECT_TRUE(absl::IsDataLoss(Store::Open(Options()).status()));
  EXPECT_EQ(RowsAfterRepair(), reference_.rows().size());
}

// REQ D-02
TEST_F(RepairTest, AMissingPartIsNamed) {
  const std::string part = FirstFile("part-");
  ASSERT_TRUE(env_.Remove(part).ok());
  EXPECT_FALSE(Store::Open(Options()).ok());
  EXPECT_GT(RowsAfterRepair(), reference_.rows().size() / 2);
}

// REQ D-02
TEST_F(RepairTest, ALostManifestCostsNothing) {
  ASSERT_TRUE(env_.Remove("/s/MANIFEST").ok());
  const absl::Status status = Store::Open(Options()).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("store repair"));
  EXPECT_EQ(RowsAfterRepair(), reference_.rows().size());
}

// REQ D-02
TEST_F(RepairTest, ADamagedManifestCostsNothing) {
  Damage("/s/MANIFEST", 30);
  EXPECT_TRUE(absl::IsDataLoss(Store::Open(Options()).status()));
  EXPECT_EQ(RowsAfterRepair(), reference_.rows().size());
}

// REQ D-02
TEST_F(RepairTest, DamageInTheMiddleOfTheWalIsNoTornTail) {
  const std::string segment = FirstFile("wal-");
  const uint64_t size = *env_.FileSize(segment);
  for (uint64_t offset = 0; offset < size * 2 / 3; offset += 61) {
    SCOPED_TRACE(offset);
    Damage(segment, offset);
    const absl::Status status = Store::Open(Options()).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("wal-"));
    Damage(segment, offset);
  }
  Damage(segment, size / 2);
  const size_t rows = RowsAfterRepair();
  EXPECT_LT(rows, reference_.rows().size());
  EXPECT_GE(rows, reference_.rows().size() - 60);
}

}  // namespace
}  // namespace taffrail::store
