// What happens to rows after they were written: deletes, drops, snapshots, restores.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/mem_env.h"
#include "expr/text.h"
#include "store/part.h"
#include "store/reference_test.h"

namespace taffrail::store {
namespace {

using ::testing::HasSubstr;

constexpr int kDays = 3;

class LifeTest : public ::testing::Test {
 protected:
  static StoreOptions OptionsFor(base::Env& env, const std::string& dir) {
    return {.dir = dir, .env = &env, .memtable_bytes = 24 << 10, .min_free_bytes = 0, .background = false};
  }
  void SetUp() override {
    Reopen();
    for (int i = 0; i < 40; ++i) Append(30);
    ASSERT_GT(store_->Info().parts.size(), 6U);
    ASSERT_GT(store_->Info().memtable_rows, 30U);
  }
  void Reopen() {
    store_.reset();
    auto store = Store::Open(OptionsFor(env_, "/s"));
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  void Append(int count) {
    std::vector<Row> rows(static_cast<size_t>(count));
    for (Row& row : rows) row = source_.Next(kDays);
    ASSERT_TRUE(store_->Append(MakeBatch(rows)).ok());
    reference_.Add(rows);
  }
  static std::shared_ptr<const expr::Matcher> MatcherOf(const std::string& text) {
    auto parsed = expr::Parse(text);
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    auto matcher = expr::Matcher::Compile(*parsed);
    EXPECT_TRUE(matcher.ok()) << matcher.status();
    return *matcher;
  }
  // Deletes, and checks the count: dry run, report and reference agree.
  template <typename Gone>
  void Delete(const DeleteRequest& request, const Gone& gone) {
    DeleteRequest dry = request;
    dry.dry_run = true;
    const auto counted = store_->Delete(dry);
    ASSERT_TRUE(counted.ok()) << counted.status();
    ExpectSame(*store_, reference_);
    const auto report = store_->Delete(request);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->rows, counted->rows);
    EXPECT_EQ(report->rows, reference_.Remove(gone));
  }
  uint64_t FilesWith(const std::string& suffix) {
    const auto names = *env_.List("/s");
    return static_cast<uint64_t>(std::count_if(
        names.begin(), names.end(), [&](const std::string& name) { return name.ends_with(suffix); }));
  }
  void ExpectVerified(const std::string& dir) {
    const auto report = Store::Verify(env_, dir, nullptr);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_TRUE(report->damage.empty()) << report->damage.front();
    EXPECT_EQ(report->rows, reference_.rows().size());
  }

  base::MemEnv env_;
  LineSource source_{1};
  Reference reference_;
  std::unique_ptr<Store> store_;
};

bool IsError(const Row& row) { return row.line.find(R"("level":"ERROR")") != std::string::npos; }

// REQ D-03
TEST_F(LifeTest, DeletedRowsAreGoneAtOnceAfterARestartAndAfterMerges) {
  const DeleteRequest errors{.predicate = MatcherOf(R"(equal(field("level"), "ERROR"))")};
  ASSERT_NO_FATAL_FAILURE(Delete(errors, IsError));
  ExpectSame(*store_, reference_);
  EXPECT_GT(store_->Info().deleted_rows, 10U);
  EXPECT_EQ(store_->Info().rows, reference_.rows().size());
  EXPECT_EQ(store_->Delete({.dry_run = true})->rows, reference_.rows().size()) << "a count reads no block";
  ASSERT_NO_FATAL_FAILURE(Append(60));  // with errors among them, which came later
  ExpectSame(*store_, reference_);
  ASSERT_NO_FATAL_FAILURE(Delete(errors, IsError));  // a second delete over the first
  ExpectVerified("/s");
  ASSERT_NO_FATAL_FAILURE(Reopen());
  ExpectSame(*store_, reference_);
  ASSERT_TRUE(store_->Flush().ok());
  ASSERT_TRUE(store_->Compact().ok());
  EXPECT_EQ(store_->Info().deleted_rows, 0U);
  EXPECT_EQ(FilesWith(".tfd"), 0U);
  ExpectSame(*store_, reference_);
  ASSERT_NO_FATAL_FAILURE(Reopen());
  ExpectSame(*store_, reference_);
  ExpectVerified("/s");
}

// REQ D-03
TEST_F(LifeTest, DeletesByTimeAndById) {
  const std::vector<Row> rows = reference_.InOrder(Order::kAscending);
  const TimeRange range{.from_ns = rows[100].timestamp_ns, .to_ns = rows[400].timestamp_ns};
  ASSERT_NO_FATAL_FAILURE(Delete({.range = range}, [&](const Row& row) {
    return row.timestamp_ns >= range.from_ns && row.timestamp_ns < range.to_ns;
  }));
  ExpectSame(*store_, reference_);
  std::string id;
  for (const Row& row : reference_.rows()) {
    if (const size_t at = row.line.find("req_"); at != std::string::npos) id = row.line.substr(at, 16);
  }
  ASSERT_NO_FATAL_FAILURE(Delete({.predicate = MatcherOf(fmt::format(R"(phrase(any, "{}"))", id))},
                                 [&](const Row& row) { return row.line.find(id) != std::string::npos; }));
  ExpectSame(*store_, reference_);
  ASSERT_NO_FATAL_FAILURE(Delete({}, [](const Row&) { return true; }));
  EXPECT_EQ(store_->Info().rows, 0U);
  EXPECT_EQ(FilesWith(".tfp"), 0U);
  ASSERT_NO_FATAL_FAILURE(Reopen());
  EXPECT_EQ(store_->Info().rows, 0U);
  ASSERT_NO_FATAL_FAILURE(Append(10));
  ExpectSame(*store_, reference_);
}

// A reader that has begun sees all that was there.
// REQ D-03
TEST_F(LifeTest, ARunningScanKeepsItsRows) {
  const size_t before = reference_.rows().size();
  size_t seen = 0;
  const auto sink = [&](const record::RecordBatch&, const expr::Selection& rows) {
    if (seen == 0) {
      EXPECT_TRUE(store_->Delete({}).ok());
    }
    seen += rows.size();
    return true;
  };
  ASSERT_TRUE(store_->Scan({.order = Order::kAscending}, sink, nullptr).ok());
  EXPECT_EQ(seen, before);
  EXPECT_EQ(store_->Info().rows, 0U);
  EXPECT_EQ(FilesWith(".tfp"), 0U);
}

// REQ D-02
// REQ D-03
TEST_F(LifeTest, RepairKeepsDeletes) {
  ASSERT_NO_FATAL_FAILURE(Delete({.predicate = MatcherOf(R"(equal(field("level"), "ERROR"))")}, IsError));
  ASSERT_TRUE(store_->Flush().ok());
  store_.reset();
  const auto repair = [&] {
    const auto report = Store::Repair(env_, "/s");
    ASSERT_TRUE(report.ok()) << report.status();
    ASSERT_NO_FATAL_FAILURE(Reopen());
    ExpectSame(*store_, reference_);
    store_.reset();
    ExpectVerified("/s");
  };
  ASSERT_TRUE(env_.Remove("/s/MANIFEST").ok());
  ASSERT_NO_FATAL_FAILURE(repair());
  // A damaged footer: blocks are salvaged, and recognized by their place.
  const auto names = *env_.List("/s");
  const auto deletes =
      std::find_if(names.begin(), names.end(), [](const auto& name) { return name.ends_with(".tfd"); });
  ASSERT_NE(deletes, names.end());
  uint64_t part = 0;
  uint64_t number = 0;
  ASSERT_TRUE(ParseDeletedRowsName(*deletes, part, number));
  const std::string path = "/s/" + PartName(part);
  ASSERT_TRUE(env_.Corrupt(path, *env_.FileSize(path) - 5, "x").ok());
  ASSERT_NO_FATAL_FAILURE(repair());
}

// REQ D-02
TEST_F(LifeTest, ADamagedListOfDeletedRowsIsNamed) {
  ASSERT_NO_FATAL_FAILURE(Delete({.predicate = MatcherOf(R"(equal(field("level"), "ERROR"))")}, IsError));
  store_.reset();
  const auto names = *env_.List("/s");
  const auto deletes =
      std::find_if(names.begin(), names.end(), [](const auto& name) { return name.ends_with(".tfd"); });
  ASSERT_NE(deletes, names.end());
  ASSERT_TRUE(env_.Corrupt("/s/" + *deletes, 30, "???").ok());
  EXPECT_TRUE(absl::IsDataLoss(Store::Open(OptionsFor(env_, "/s")).status()));
  const auto report = Store::Verify(env_, "/s", nullptr);
  ASSERT_TRUE(report.ok());
  ASSERT_EQ(report->damage.size(), 1U);
  EXPECT_THAT(report->damage[0], HasSubstr(*deletes));
  const auto repaired = Store::Repair(env_, "/s");
  ASSERT_TRUE(repaired.ok());
  ASSERT_EQ(repaired->damage.size(), 1U);
  EXPECT_THAT(repaired->damage[0], HasSubstr("visible again"));
  ASSERT_NO_FATAL_FAILURE(Reopen());
  EXPECT_GT(store_->Info().rows, reference_.rows().size());
}

// REQ D-02
TEST_F(LifeTest, ADamagedIndexIsFoundRebuiltAndCostsNoRow) {
  ASSERT_TRUE(store_->Flush().ok());
  const uint64_t id = store_->Info().parts.front().id;
  store_.reset();
  const std::string path = "/s/" + PartName(id);
  const auto part = Part::Open(env_, "/s", id);
  ASSERT_TRUE(part.ok());
  const IdIndexInfo info = (*part)->index()->info();
  ASSERT_GT(info.entries, 5U);
  ASSERT_TRUE(env_.Corrupt(path, info.offset + 6, "\x55\xaa\x55").ok());
  ASSERT_NO_FATAL_FAILURE(Reopen());
  ExpectSame(*store_, reference_);  // a search goes on without it
  const Row* wanted = nullptr;
  for (const Row& row : reference_.rows()) {
    if (row.line.find("req_") != std::string::npos) wanted = &row;
  }
  const std::string word = wanted->line.substr(wanted->line.find("req_"), 16);
  const auto rows =
      ReadRows(*store_, ScanRequest{.predicate = MatcherOf(fmt::format(R"(phrase(any, "{}"))", word))});
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->size(), 1U);
  store_.reset();
  const auto report = Store::Verify(env_, "/s", nullptr);
  ASSERT_EQ(report->damage.size(), 1U);
  EXPECT_THAT(report->damage[0], HasSubstr("page of ids"));
  ASSERT_TRUE(Store::Repair(env_, "/s").ok());
  ExpectVerified("/s");
  ASSERT_NO_FATAL_FAILURE(Reopen());
  ExpectSame(*store_, reference_);
}

// REQ D-05
TEST_F(LifeTest, DropsWholeDays) {
  const std::vector<Row> rows = reference_.InOrder(Order::kAscending);
  const int32_t first = DayOf(rows.front().timestamp_ns);
  EXPECT_EQ(store_->DropBefore(first, false)->rows, 0U);
  const auto dry = store_->DropBefore(first + 1, true);
  ASSERT_TRUE(dry.ok());
  ExpectSame(*store_, reference_);
  const auto report = store_->DropBefore(first + 1, false);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->rows, dry->rows);
  EXPECT_EQ(report->rows,
            reference_.Remove([&](const Row& row) { return DayOf(row.timestamp_ns) == first; }));
  EXPECT_GT(report->disk_bytes, 1000U);
  ExpectSame(*store_, reference_);
  ASSERT_NO_FATAL_FAILURE(Reopen());
  ExpectSame(*store_, reference_);
  ExpectVerified("/s");
}

// REQ D-05
TEST_F(LifeTest, ASnapshotIsAStoreOfItsOwn) {
  ASSERT_NO_FATAL_FAILURE(Delete({.predicate = MatcherOf(R"(equal(field("level"), "ERROR"))")}, IsError));
  ASSERT_NO_FATAL_FAILURE(Append(20));
  const Reference then = reference_;
  ASSERT_TRUE(store_->SnapshotTo("/backup/one").ok());
  EXPECT_TRUE(absl::IsAlreadyExists(store_->SnapshotTo("/backup/one")));
  ExpectVerified("/backup/one");
  // The store goes on: merges, deletes, drops.
  ASSERT_NO_FATAL_FAILURE(Append(200));
  ASSERT_TRUE(store_->Flush().ok());
  ASSERT_TRUE(store_->Compact().ok());
  ASSERT_TRUE(store_->Delete({}).ok());
  env_.KillProcess();
  store_.reset();
  reference_ = then;
  ExpectVerified("/backup/one");
  ASSERT_TRUE(Store::Restore(env_, "/backup/one", "/restored").ok());
  auto restored = Store::Open(OptionsFor(env_, "/restored"));
  ASSERT_TRUE(restored.ok()) << restored.status();
  ExpectSame(**restored, then);
  // The restored store goes on, and the snapshot stays what it was.
  store_ = *std::move(restored);
  ASSERT_NO_FATAL_FAILURE(Append(50));
  ExpectSame(*store_, reference_);
  ASSERT_TRUE(store_->Flush().ok());
  ASSERT_TRUE(store_->Compact().ok());
  ExpectSame(*store_, reference_);
  reference_ = then;
  ExpectVerified("/backup/one");
}

// REQ D-05
TEST_F(LifeTest, ASnapshotBesideARunningStore) {
  StoreOptions options = OptionsFor(env_, "/s");
  options.read_only = true;
  auto reader = Store::Open(options);
  ASSERT_TRUE(reader.ok()) << reader.status();
  ASSERT_TRUE((*reader)->SnapshotTo("/backup").ok());
  ExpectVerified("/backup");
  auto copy = Store::Open(OptionsFor(env_, "/backup"));
  ASSERT_TRUE(copy.ok()) << copy.status();
  ExpectSame(**copy, reference_);
}

// REQ D-05
TEST_F(LifeTest, ADamagedSnapshotIsNotRestored) {
  ASSERT_TRUE(store_->SnapshotTo("/backup").ok());
  const auto names = *env_.List("/backup");
  const auto part =
      std::find_if(names.begin(), names.end(), [](const auto& name) { return name.ends_with(".tfp"); });
  ASSERT_TRUE(env_.Corrupt("/backup/" + *part, 300, "?!?").ok());
  const absl::Status status = Store::Restore(env_, "/backup", "/restored");
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_FALSE(env_.Exists("/restored/MANIFEST"));
}

}  // namespace
}  // namespace taffrail::store
