#include "record/batch_gather.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "record/batch_builder.h"
#include "record/lines_for_tests.h"
#include "record/row_cursor.h"

namespace taffrail::record {
namespace {

// Lines of several shapes, with attributes and streams.
RecordBatch MakeBatch(uint64_t seed, size_t rows) {
  std::mt19937_64 random(seed);
  BatchBuilder builder;
  for (size_t i = 0; i < rows; ++i) {
    builder.SetStream({{"app", fmt::format("a{}", random() % 3)}});
    const auto number = static_cast<int64_t>(seed * 100'000 + i);
    switch (random() % 4) {
      case 0:
        builder.Append(fmt::format("text {}", number), number);
        break;
      case 1:
        builder.Append(fmt::format(R"({{"n":{},"ok":true}})", number), number, R"({"pod":"x"})");
        break;
      case 2:
        builder.Append(fmt::format(R"({{"s":"{}","d":{}.50,"e":"\u00e9"}})", number, number), number);
        break;
      default:
        builder.Append(fmt::format(R"({{"k{}":[{}]}})", random() % 20, number), number);
    }
  }
  RecordBatch batch = builder.Finish();
  batch.sequence.resize(rows);
  std::iota(batch.sequence.begin(), batch.sequence.end(), seed * 100'000);
  return batch;
}

std::string Describe(const RecordBatch& batch, const RowCursor& cursor, size_t row) {
  std::string text = fmt::format("{} {} {} ", batch.timestamp_ns[row], batch.sequence[row],
                                 batch.streams[batch.stream_of(row)].labels.at(0).second);
  cursor.AppendLine(text);
  cursor.AppendAttributes(text);
  return text;
}

std::vector<std::string> Describe(const RecordBatch& batch) {
  std::vector<std::string> rows;
  RowCursor cursor(batch);
  for (size_t row = 0; row < batch.rows(); ++row) {
    cursor.MoveTo(row);
    rows.push_back(Describe(batch, cursor, row));
  }
  return rows;
}

TEST(BatchGather, TakesRunsOfEveryLengthFromSeveralBatches) {
  std::mt19937_64 random(1);
  const std::vector<RecordBatch> batches = {MakeBatch(1, 3000), MakeBatch(2, 1000), MakeBatch(3, 2000)};
  std::vector<std::vector<std::string>> described;
  std::vector<BatchGather::Source> sources;
  for (const RecordBatch& batch : batches) {
    described.push_back(Describe(batch));
    sources.emplace_back(batch);
  }
  std::vector<size_t> next(batches.size());
  BatchGather gather;
  std::vector<std::string> expected;
  std::vector<std::string> actual;
  const auto finish = [&] {
    for (std::string& row : Describe(gather.Finish())) actual.push_back(std::move(row));
  };
  for (int step = 0; step < 400; ++step) {
    const size_t b = random() % batches.size();
    const size_t first = std::min(next[b] + random() % 3, batches[b].rows());
    const size_t last = std::min(first + random() % (step % 2 == 0 ? 5 : 60), batches[b].rows());
    ASSERT_EQ(gather.Append(sources[b], first, last), last - first);
    next[b] = last;
    for (size_t row = first; row < last; ++row) expected.push_back(described[b][row]);
    if (step % 97 == 0) finish();
  }
  finish();
  EXPECT_GT(expected.size(), 2000U);
  EXPECT_EQ(actual, expected);
}

TEST(BatchGather, StopsAtTheRowLimitAndGoesOn) {
  const RecordBatch batch = MakeBatch(1, 40'000);
  BatchGather::Source once(batch);
  BatchGather::Source again(batch);
  BatchGather gather;
  EXPECT_EQ(gather.Append(once, 0, batch.rows()), batch.rows());
  const size_t fits = kMaxBatchRows - batch.rows();
  EXPECT_EQ(gather.Append(again, 0, batch.rows()), fits);
  EXPECT_TRUE(gather.Full());
  EXPECT_EQ(gather.Finish().rows(), kMaxBatchRows);
  EXPECT_EQ(gather.Append(again, fits, batch.rows()), batch.rows() - fits);
  const std::vector<std::string> rest = Describe(gather.Finish());
  const std::vector<std::string> all = Describe(batch);
  EXPECT_TRUE(std::equal(rest.begin(), rest.end(), all.begin() + static_cast<ptrdiff_t>(fits), all.end()));
}

TEST(BatchGather, StopsAtTheByteLimit) {
  BatchBuilder builder;
  for (int i = 0; i < 3; ++i) builder.Append(fmt::format(R"({{"s":"{}"}})", std::string(9 << 20, 'x')), i);
  const RecordBatch batch = builder.Finish();
  BatchGather gather;
  BatchGather::Source a(batch);
  BatchGather::Source b(batch);
  EXPECT_EQ(gather.Append(a, 0, 3), 3U);
  EXPECT_EQ(gather.Append(b, 0, 3), 1U);  // one goes over the limit, the next does not fit
  EXPECT_TRUE(gather.Full());
}

// A text that is kept once counts as often as it will be written.
TEST(BatchGather, StopsAtTheByteLimitWhereTextsRepeat) {
  constexpr size_t kRows = 400;
  const auto of_part = [](std::string_view attributes) {
    BatchBuilder builder;
    for (size_t i = 0; i < kRows; ++i) {
      builder.Append(fmt::format(R"({{"s":"{}"}})", std::string(50'000, 'x')), 0, attributes);
    }
    return builder.Finish();
  };
  for (const std::string_view attributes : {"", R"({"a":"b"})"}) {
    const RecordBatch batch = of_part(attributes);
    ASSERT_TRUE(batch.columns[0].coded());
    BatchGather gather;
    BatchGather::Source a(batch);
    BatchGather::Source b(batch);
    EXPECT_EQ(gather.Append(a, 0, kRows), kRows);
    const size_t more = gather.Append(b, 0, kRows);
    EXPECT_GT(more, size_t{100});
    EXPECT_LT(more, kRows);
    EXPECT_TRUE(gather.Full());
  }
}

RecordBatch Coded(size_t rows, size_t texts) {
  BatchBuilder builder;
  for (size_t i = 0; i < rows; ++i) builder.Append(fmt::format(R"({{"s":"text {}"}})", i % texts), 0);
  return builder.Finish();
}

// In every order: what is coded stays so behind coded values, and is written out behind plain ones.
TEST(BatchGather, CodedColumnsStayCoded) {
  const std::vector<RecordBatch> batches = [] {
    std::vector<RecordBatch> made;
    made.push_back(Coded(500, 3));
    made.push_back(Coded(400, 7));
    made.push_back(Coded(300, 300));
    return made;
  }();
  EXPECT_TRUE(batches[0].columns[0].coded() && batches[1].columns[0].coded());
  EXPECT_FALSE(batches[2].columns[0].coded());
  std::vector<size_t> order = {0, 1, 2};
  do {
    BatchGather gather;
    std::vector<std::string> expected;
    for (const size_t b : order) {
      BatchGather::Source source(batches[b]);
      const size_t rows = batches[b].rows();
      for (size_t row = 0; row < rows;) {  // single rows and runs
        const size_t end = std::min(rows, row + (row % 3 == 0 ? 1 : 50));
        ASSERT_EQ(gather.Append(source, row, end), end - row);
        row = end;
      }
      for (const std::string& line : LinesOf(batches[b])) expected.push_back(line);
    }
    const RecordBatch batch = gather.Finish();
    EXPECT_EQ(LinesOf(batch), expected);
    EXPECT_EQ(batch.columns[0].coded(), order[0] != 2);
    if (order[2] == 2) {
      EXPECT_EQ(batch.columns[0].strings.size(), 3U + 7U + 300U);
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Reordered, PutsRowsInAnyOrder) {
  const RecordBatch batch = MakeBatch(4, 500);
  const std::vector<std::string> described = Describe(batch);
  std::vector<uint32_t> order(batch.rows());
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(2));
  order.resize(400);
  std::vector<std::string> expected;
  for (const uint32_t row : order) expected.push_back(described[row]);
  EXPECT_EQ(Describe(Reordered(batch, order)), expected);
}

}  // namespace
}  // namespace taffrail::record
