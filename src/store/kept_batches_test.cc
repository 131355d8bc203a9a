#include "store/kept_batches.h"

#include <gtest/gtest.h>

#include <string>

namespace taffrail::store {
namespace {

KeptBatches::Batch BatchOf(size_t rows) {
  auto batch = std::make_shared<record::RecordBatch>();
  batch->shape.resize(rows);
  return batch;
}

TEST(KeptBatches, KnowsTheQuestionAndTheRows) {
  KeptBatches kept;
  const Question question = {.filter = "a", .output = "user"};
  const KeptBatches::Batch batch = BatchOf(2);
  kept.Keep(question, {3, 5}, batch);
  EXPECT_EQ(kept.Find(question, {3, 5}), batch);
  EXPECT_EQ(kept.Find(question, {3}), nullptr);  // a row was deleted
  EXPECT_EQ(kept.Find({.filter = "a", .output = "address"}, {3, 5}), nullptr);
  EXPECT_EQ(kept.Find({.filter = "b", .output = "user"}, {3, 5}), nullptr);
  const KeptBatches::Batch fewer = BatchOf(1);
  kept.Keep(question, {3}, fewer);
  EXPECT_EQ(kept.Find(question, {3}), fewer);
  EXPECT_EQ(kept.Find(question, {3, 5}), nullptr);
  kept.Clear();
  EXPECT_EQ(kept.Find(question, {3}), nullptr);
}

TEST(KeptBatches, KeepsTheLatestAndCountsThem) {
  KeptBatches kept;
  const auto asked = [](int n) { return Question{.filter = std::to_string(n), .output = ""}; };
  for (int n = 0; n < 100; ++n) kept.Keep(asked(n), {1}, BatchOf(1));
  EXPECT_NE(kept.Find(asked(99), {1}), nullptr);
  EXPECT_EQ(kept.Find(asked(0), {1}), nullptr);
  const size_t full = kept.MemoryBytes();
  kept.Keep(asked(99), {1}, BatchOf(1));
  EXPECT_EQ(kept.MemoryBytes(), full);
  kept.Keep(asked(100), {1}, BatchOf(1 << 20));  // too much to keep
  EXPECT_EQ(kept.Find(asked(100), {1}), nullptr);
  EXPECT_EQ(kept.MemoryBytes(), full);
  kept.Clear();
  EXPECT_EQ(kept.MemoryBytes(), 0u);
}

}  // namespace
}  // namespace taffrail::store
