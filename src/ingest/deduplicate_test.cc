#include "ingest/deduplicate.h"

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/mem_env.h"
#include "gtest/gtest.h"
#include "ingest/pipeline.h"
#include "record/batch_builder.h"
#include "record/row_cursor.h"

namespace taffrail::ingest {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

// A store in memory that can lose its power, and a pipeline that knows ids.
class DeduplicateTest : public ::testing::Test {
 protected:
  void SetUp() override { Start({.field = "id", .window_lines = 1000}); }

  void Start(const DeduplicationOptions& options) {
    pipeline_ = nullptr;
    store_ = nullptr;
    auto store = store::Store::Open({.dir = "/data", .env = &env_, .min_free_bytes = 0, .background = false});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    pipeline_ = std::make_unique<Pipeline>(*store_, env_);
    ASSERT_TRUE(pipeline_->StartDeduplication(options).ok());
  }

  static record::RecordBatch Batch(const std::vector<std::string>& lines) {
    record::BatchBuilder builder;
    for (const std::string& line : lines) builder.Append(line, 1);
    return builder.Finish();
  }
  static std::string Line(int id) { return R"({"id":"r)" + std::to_string(id) + R"("})"; }

  // How many were taken for duplicates.
  uint64_t Commit(const std::vector<std::string>& lines) {
    uint64_t duplicates = 0;
    EXPECT_TRUE(pipeline_->Commit(Batch(lines), {}, &duplicates).ok());
    return duplicates;
  }

  std::map<std::string, int> Stored() {
    std::map<std::string, int> lines;
    store::ScanRequest request;
    request.columns.line = true;
    const auto take = [&](const record::RecordBatch& batch, const expr::Selection& rows) {
      record::RowCursor cursor(batch);
      for (const uint32_t row : rows) {
        std::string line;
        cursor.MoveTo(row);
        cursor.AppendLine(line);
        ++lines[line];
      }
      return true;
    };
    EXPECT_TRUE(store_->Scan(request, take, nullptr).ok());
    return lines;
  }

  base::MemEnv env_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Pipeline> pipeline_;
};

// REQ D-03
TEST_F(DeduplicateTest, ALineThatWasStoredIsNotStoredAgain) {
  EXPECT_EQ(Commit({Line(1), Line(2)}), 0U);
  EXPECT_EQ(Commit({Line(2), Line(3), Line(1)}), 2U);
  EXPECT_EQ(Commit({Line(1), Line(2), Line(3)}), 3U);  // nothing is left of the batch
  EXPECT_EQ(Stored(), (std::map<std::string, int>{{Line(1), 1}, {Line(2), 1}, {Line(3), 1}}));
  EXPECT_EQ(pipeline_->deduplicator()->counts().duplicates, 5U);
  EXPECT_EQ(pipeline_->deduplicator()->counts().ids, 3U);
}

TEST_F(DeduplicateTest, TheFirstOfABatchStaysAndOthersKeepTheirOrder) {
  const std::string again = R"({"id":"r1","n":2})";
  EXPECT_EQ(Commit({Line(1), "text", again, Line(2), again, "text"}), 2U);
  EXPECT_EQ(Stored(), (std::map<std::string, int>{{Line(1), 1}, {"text", 2}, {Line(2), 1}}));
}

TEST_F(DeduplicateTest, WhatHasNoIdIsNoDuplicate) {
  for (const char* line : {"text", "{}", R"({"id":null})", R"({"id":""})", R"({"id":[1]})", R"({"id":true})",
                           R"({"other":"r1"})"}) {
    EXPECT_EQ(Commit({line, line}), 0U) << line;
    EXPECT_EQ(Stored()[line], 2) << line;
  }
  EXPECT_EQ(pipeline_->deduplicator()->counts().ids, 0U);
}

TEST_F(DeduplicateTest, NumbersEscapesAndPathsAreIdsToo) {
  Start({.field = "event.id", .window_lines = 1000});
  EXPECT_EQ(Commit({R"({"event":{"id":17}})", R"({"event":{"id":17},"n":1})", R"({"event":{"id":18}})"}), 1U);
  EXPECT_EQ(Commit({R"({"event":{"id":"a\/b"}})", R"({"event":{"id":"a/b"}})"}), 1U);
  EXPECT_EQ(Commit({R"({"event.id":"17"})"}), 1U);
}

TEST_F(DeduplicateTest, TheWindowCountsLinesStored) {
  Start({.field = "id", .window_lines = 3});
  EXPECT_EQ(Commit({Line(1)}), 0U);
  EXPECT_EQ(Commit({Line(2)}), 0U);
  EXPECT_EQ(Commit({"no id"}), 0U);
  EXPECT_EQ(Commit({Line(1)}), 1U);
  EXPECT_EQ(Commit({Line(3)}), 0U);  // 1 leaves
  EXPECT_EQ(Commit({Line(2)}), 1U);
  EXPECT_EQ(Commit({Line(1)}), 0U);
  EXPECT_EQ(pipeline_->deduplicator()->counts().ids, 2U);  // 3 and 1
}

TEST_F(DeduplicateTest, MemoryIsBoundedByTheWindow) {
  Start({.field = "id", .window_lines = 500});
  for (int i = 0; i < 3000; i += 10) {
    std::vector<std::string> lines;
    for (int k = 0; k < 10; ++k) lines.push_back(Line(i + k));
    ASSERT_EQ(Commit(lines), 0U);
    ASSERT_LE(pipeline_->deduplicator()->counts().ids, 510U);
  }
  EXPECT_GE(pipeline_->deduplicator()->counts().ids, 500U);
}

TEST_F(DeduplicateTest, AWindowOfTimeEnds) {
  Start({.field = "id", .window_lines = 4, .window_ns = 60 * kSecondNs});
  EXPECT_EQ(Commit({Line(1)}), 0U);
  env_.SleepNs(40 * kSecondNs);
  EXPECT_EQ(Commit({Line(1), Line(2)}), 1U);
  env_.SleepNs(30 * kSecondNs);
  EXPECT_EQ(Commit({Line(1), Line(2)}), 1U);
  EXPECT_EQ(pipeline_->deduplicator()->counts().left_early, 0U);
  for (int i = 10; i < 16; ++i) Commit({Line(i)});
  EXPECT_GT(pipeline_->deduplicator()->counts().left_early, 0U);
  EXPECT_LE(pipeline_->deduplicator()->counts().ids, 4U);
}

// REQ D-03
TEST_F(DeduplicateTest, ARestartKnowsTheNewestLines) {
  constexpr int kLines = 40;
  for (int i = 0; i < kLines; ++i) {
    Commit({Line(i)});
    if (i == 20) {  // some in a part, some in the log alone
      ASSERT_TRUE(store_->Flush().ok());
    }
  }
  env_.Crash(/*seed=*/7);
  Start({.field = "id", .window_lines = 30});
  EXPECT_EQ(pipeline_->deduplicator()->counts().ids, 30U);
  for (int i = 10; i < kLines; ++i) EXPECT_EQ(Commit({Line(i)}), 1U) << i;
  EXPECT_EQ(Commit({Line(9)}), 0U);
}

TEST_F(DeduplicateTest, WhatWasStoredTwiceBeforeCountsWhereItIsNewest) {
  pipeline_ = std::make_unique<Pipeline>(*store_, env_);  // knows no ids
  Commit({Line(1)});
  Commit({Line(2)});
  Commit({Line(1)});
  Start({.field = "id", .window_lines = 3});
  EXPECT_EQ(Commit({Line(3)}), 0U);
  EXPECT_EQ(Commit({Line(4)}), 0U);
  EXPECT_EQ(Commit({Line(2)}), 0U);  // has left
}

// REQ D-03
TEST_F(DeduplicateTest, ALineThatCouldNotBeStoredIsStillNew) {
  Commit({Line(1)});
  env_.SetCapacity(1);
  EXPECT_FALSE(pipeline_->Commit(Batch({Line(1), Line(2), Line(2)})).ok());
  EXPECT_EQ(Commit({Line(1)}), 1U);  // needs no room
  env_.SetCapacity(uint64_t{1} << 30);
  EXPECT_EQ(Commit({Line(2)}), 0U);
  EXPECT_EQ(Commit({Line(2)}), 1U);
  EXPECT_EQ(Stored(), (std::map<std::string, int>{{Line(1), 1}, {Line(2), 1}}));
}

// REQ D-03
TEST_F(DeduplicateTest, ACommitWaitsForTheOneThatHasItsId) {
  Deduplicator ids({.field = "id", .window_lines = 100}, env_);
  record::RecordBatch first = Batch({Line(1), Line(2)});
  Deduplicator::Claim claim = ids.Take(first);
  std::atomic<bool> taken = false;
  size_t left = 99;
  std::thread other([&] {
    record::RecordBatch second = Batch({Line(2), Line(3)});
    Deduplicator::Claim mine = ids.Take(second);
    taken = true;
    left = second.rows();
  });
  record::RecordBatch third = Batch({Line(4)});  // nobody else's: does not wait
  ids.Take(third).Settle(1, 11);
  EXPECT_FALSE(taken);
  claim.Settle(1, 12);  // of two lines one became durable: the other is the waiting commit's to store
  other.join();
  EXPECT_EQ(left, 2U);
  record::RecordBatch last = Batch({Line(1), Line(2), Line(3), Line(4)});
  const Deduplicator::Claim settled = ids.Take(last);
  EXPECT_EQ(last.rows(), 2U);  // the other thread settled nothing
}

// REQ D-03
TEST_F(DeduplicateTest, ManySendersOfTheSameLines) {
  constexpr int kThreads = 4;
  constexpr int kBatches = 50;
  std::atomic<uint64_t> duplicates = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int b = 0; b < kBatches; ++b) {
        std::vector<std::string> lines;  // half of them the next batch's as well, in an order of our own
        for (int i = 0; i < 8; ++i) lines.push_back(Line(b * 4 + (t % 2 == 0 ? i : 7 - i)));
        duplicates += Commit(lines);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::map<std::string, int> stored = Stored();
  EXPECT_EQ(stored.size(), size_t{kBatches * 4 + 4});
  for (const auto& [line, count] : stored) EXPECT_EQ(count, 1) << line;
  EXPECT_EQ(duplicates, uint64_t{kThreads * kBatches * 8} - stored.size());
}

}  // namespace
}  // namespace taffrail::ingest
