// Retention over a store in memory: days go, and only those; a wrong clock and a failing disk lose nothing.
#include "server/retention.h"

#include <string>
#include <vector>

#include "base/mem_env.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "record/row_cursor.h"
#include "server/own_lines.h"

namespace taffrail::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kDayNs = int64_t{86'400} * 1'000'000'000;

class RetentionTest : public ::testing::Test {
 protected:
  // The server starts, and its retention looks once.
  void Start(const retain::Policy& policy) {
    retention_.reset();
    pipeline_.reset();
    store_.reset();
    auto store = store::Store::Open({.dir = "/data", .env = &env_, .min_free_bytes = 0, .background = false});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    pipeline_ = std::make_unique<ingest::Pipeline>(*store_, env_);
    retention_ = std::make_unique<Retention>(policy, "/data", 0, *store_, *pipeline_);
    retention_->RunOnce();
  }
  // A line as it was written so many days ago, in a part.
  void Write(std::initializer_list<int64_t> days_ago) {
    const int64_t now_ns = env_.NowNs();
    for (const int64_t days : days_ago) {
      env_.SetNowNs(now_ns - days * kDayNs);
      ASSERT_TRUE(WriteOwnLines(*pipeline_, {{.level = "INFO",
                                              .logger = "test",
                                              .message = fmt::format("{} days old", days),
                                              .fields = {}}})
                      .ok());
    }
    env_.SetNowNs(now_ns);
    ASSERT_TRUE(store_->Flush().ok());
  }
  // The messages in the store, the oldest first.
  std::vector<std::string> Messages() {
    std::vector<std::string> messages;
    store::ScanRequest request;
    request.columns.line = true;
    request.order = store::Order::kAscending;
    const auto add = [&](const record::RecordBatch& batch, const expr::Selection& rows) {
      record::RowCursor cursor(batch);
      for (const uint32_t row : rows) {
        cursor.MoveTo(row);
        std::string line;
        cursor.AppendLine(line);
        const std::string_view name = R"("message":")";
        const size_t begin = line.find(name) + name.size();
        messages.push_back(line.substr(begin, line.find('"', begin) - begin));
      }
      return true;
    };
    EXPECT_TRUE(store_->Scan(request, add, nullptr).ok());
    return messages;
  }

  base::MemEnv env_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<ingest::Pipeline> pipeline_;
  std::unique_ptr<Retention> retention_;
};

// REQ R-01
TEST_F(RetentionTest, OldDaysGoAndAreTold) {
  Start({.max_age_days = 30});
  Write({100, 31, 29, 0});
  retention_->RunOnce();
  EXPECT_THAT(Messages(), ElementsAre("29 days old", "0 days old", "Old lines dropped"));
  const RetentionState state = retention_->State();
  EXPECT_THAT(state.dropped_rows, ElementsAre(2, 0, 0));
  EXPECT_GT(state.dropped_bytes[0], 0U);
  ASSERT_TRUE(state.last_drop.has_value());
  EXPECT_EQ(state.last_drop->rows, 2U);
  EXPECT_EQ(state.problem, "");
  EXPECT_THAT(RetentionJson(*retention_), HasSubstr(R"("before":"2023-10-15","reason":"age","rows":2)"));

  retention_->RunOnce();  // nothing more to do, and nothing to tell
  EXPECT_THAT(Messages(), ElementsAre("29 days old", "0 days old", "Old lines dropped"));
  env_.KillProcess();
  Start({.max_age_days = 30});
  EXPECT_THAT(Messages(), ElementsAre("29 days old", "0 days old", "Old lines dropped")) << "after a restart";
  Write({400});  // late, and too old
  retention_->RunOnce();
  EXPECT_EQ(Messages().front(), "29 days old");
}

// REQ R-01
TEST_F(RetentionTest, WithoutALimitAllIsKept) {
  Start({});
  Write({4000, 0});
  retention_->RunOnce();
  EXPECT_THAT(Messages(), ElementsAre("4000 days old", "0 days old"));
}

// REQ R-01 R-03
TEST_F(RetentionTest, BySizeTheNewestDayStays) {
  Start({.max_size_bytes = 1});
  Write({3, 2, 0});
  retention_->RunOnce();
  EXPECT_THAT(Messages(), ElementsAre("0 days old", "Old lines dropped"));
  EXPECT_THAT(retention_->State().dropped_rows, ElementsAre(0, 2, 0));
}

// REQ R-01
TEST_F(RetentionTest, AClockThatIsAheadDropsNothing) {
  const retain::Policy policy = {.max_age_days = 30};
  Start(policy);
  Write({3, 0});
  retention_->RunOnce();
  const int64_t right_ns = env_.NowNs();
  env_.SetNowNs(right_ns + 3650 * kDayNs);
  retention_->RunOnce();
  EXPECT_THAT(Messages(), ElementsAre("3 days old", "0 days old"));
  EXPECT_TRUE(retention_->State().clock_doubted);
  env_.KillProcess();
  Start(policy);
  EXPECT_TRUE(retention_->State().clock_doubted) << "the next start finds when the clock was right";
  EXPECT_THAT(Messages(), ElementsAre("3 days old", "0 days old"));
  env_.SetNowNs(right_ns);
  retention_->RunOnce();
  EXPECT_FALSE(retention_->State().clock_doubted);
  EXPECT_THAT(Messages(), ElementsAre("3 days old", "0 days old"));
  env_.AdvanceNs(40 * kDayNs);  // as after a long holiday: a day later it is believed
  retention_->RunOnce();
  EXPECT_EQ(Messages().size(), 2U);
  env_.AdvanceNs(kDayNs);
  retention_->RunOnce();
  EXPECT_THAT(Messages(), ElementsAre("Old lines dropped"));
}

// A store that comes from elsewhere, with the first limit: its newest line is what is known of the time.
TEST_F(RetentionTest, AnOldStoreIsNotEmptiedAtItsFirstStart) {
  Start({});
  Write({500, 400});
  ASSERT_TRUE(env_.Remove("/data/retention.clock").ok());
  Start({.max_age_days = 30});
  EXPECT_TRUE(retention_->State().clock_doubted);
  EXPECT_EQ(Messages().size(), 2U);
}

TEST_F(RetentionTest, LinesOfSendersWhoseClocksAreAheadStay) {
  Start({.max_age_days = 30, .max_size_bytes = 1});
  Write({-5000, 40, 0});
  retention_->RunOnce();
  EXPECT_THAT(Messages(), ElementsAre("0 days old", "Old lines dropped", "-5000 days old"));
}

// REQ R-01
TEST_F(RetentionTest, AFailureIsToldAndTriedAgain) {
  Start({.max_age_days = 30});
  Write({100, 0});
  env_.FailOperation(env_.operations() + 1, absl::UnavailableError("the disk is gone"));
  retention_->RunOnce();
  EXPECT_THAT(retention_->State().problem, HasSubstr("the disk is gone"));
  EXPECT_EQ(retention_->State().failures, 1U);
  EXPECT_THAT(RetentionJson(*retention_), HasSubstr("the disk is gone"));
  EXPECT_EQ(Messages().front(), "100 days old");
  retention_->RunOnce();
  EXPECT_EQ(retention_->State().problem, "");
  EXPECT_THAT(Messages(), ElementsAre("0 days old", "Old lines dropped"));
}

TEST_F(RetentionTest, ItsThreadRunsAtOnceAndStops) {
  Start({});
  Write({100, 0});
  Retention retention({.max_age_days = 30}, "/data", 0, *store_, *pipeline_);
  retention.Start();
  while (retention.State().runs == 0) std::this_thread::yield();
  retention.Stop();
  EXPECT_EQ(retention.State().runs, 1U);
  EXPECT_THAT(Messages(), ElementsAre("0 days old", "Old lines dropped"));
}

}  // namespace
}  // namespace taffrail::server
