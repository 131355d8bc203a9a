#include "ingest/standing.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "record/batch_builder.h"
#include "record/row_cursor.h"

namespace taffrail::ingest {
namespace {

std::shared_ptr<const expr::Matcher> Matching(std::string field, std::string text) {
  expr::Expr equal;
  equal.op = expr::Expr::Op::kEqual;
  equal.field.name = std::move(field);
  equal.text = std::move(text);
  return *expr::Matcher::Compile(expr::Make(std::move(equal)));
}

record::RecordBatch Batch(const std::vector<std::string>& lines) {
  record::BatchBuilder builder;
  for (const std::string& line : lines) builder.Append(line, 0);
  return builder.Finish();
}

// REQ Q-09
TEST(StandingQueries, EachSubscriberSeesItsRows) {
  StandingQueries standing;
  std::vector<std::string> seen;
  const auto subscription =
      standing.Subscribe(Matching("level", "ERROR"), [&](const auto& batch, const expr::Selection& rows) {
        record::RowCursor cursor(batch);
        for (const uint32_t row : rows) {
          cursor.MoveTo(row);
          cursor.AppendLine(seen.emplace_back());
        }
        return rows.size();
      });
  standing.Publish(
      Batch({R"({"level":"INFO"})", R"({"level":"ERROR","n":1})", "text", R"({"level":"ERROR"})"}));
  standing.Publish(Batch({"nothing here"}));
  EXPECT_EQ(seen, (std::vector<std::string>{R"({"level":"ERROR","n":1})", R"({"level":"ERROR"})"}));
  EXPECT_EQ(subscription->matched(), 2u);
  EXPECT_EQ(subscription->dropped(), 0u);
}

TEST(StandingQueries, WhatASubscriberCannotTakeIsCounted) {
  StandingQueries standing;
  const auto slow =
      standing.Subscribe(Matching("a", "1"), [](const auto&, const auto&) { return size_t{1}; });
  standing.Publish(Batch({R"({"a":1})", R"({"a":1})", R"({"a":1})"}));
  EXPECT_EQ(slow->matched(), 3u);
  EXPECT_EQ(slow->dropped(), 2u);
  EXPECT_EQ(standing.totals().dropped, 2u);
}

TEST(StandingQueries, EndsWithTheSubscription) {
  StandingQueries standing;
  int calls = 0;
  auto subscription = standing.Subscribe(Matching("a", "1"), [&](const auto&, const auto& rows) {
    ++calls;
    return rows.size();
  });
  standing.Publish(Batch({R"({"a":1})"}));
  EXPECT_EQ(standing.totals().subscribers, 1u);
  subscription.reset();
  standing.Publish(Batch({R"({"a":1})"}));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(standing.totals().subscribers, 0u);
  EXPECT_EQ(standing.totals().matched, 1u);
}

TEST(StandingQueries, MayEndInsideItsOwnCallback) {
  StandingQueries standing;
  std::unique_ptr<StandingQueries::Subscription> subscription;
  subscription = standing.Subscribe(Matching("a", "1"), [&](const auto&, const auto& rows) {
    subscription.reset();
    return rows.size();
  });
  standing.Publish(Batch({R"({"a":1})"}));
  EXPECT_EQ(standing.totals().subscribers, 0u);
}

TEST(StandingQueries, ComeAndGoWhileBatchesArePublished) {
  StandingQueries standing;
  std::atomic<bool> stop = false;
  std::thread publisher([&] {
    const record::RecordBatch batch = Batch({R"({"a":1})", R"({"a":2})"});
    while (!stop) standing.Publish(batch);
  });
  std::atomic<uint64_t> rows_seen = 0;
  for (int i = 0; i < 200; ++i) {
    const uint64_t before = rows_seen;
    const auto subscription = standing.Subscribe(Matching("a", "1"), [&](const auto&, const auto& rows) {
      rows_seen += rows.size();
      return rows.size();
    });
    while (rows_seen == before) std::this_thread::yield();
  }
  stop = true;
  publisher.join();
  EXPECT_GE(rows_seen, 200u);
}

}  // namespace
}  // namespace taffrail::ingest
