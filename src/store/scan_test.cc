// What a scan promises beside its answer: rows in order whatever was opened ahead, the first of each block
// under a limit, chosen rows alone, counts without reading, and an end when it is told to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "base/mem_env.h"
#include "fmt/format.h"
#include "record/batch_builder.h"
#include "record/row_cursor.h"
#include "store/store.h"

namespace taffrail::store {
namespace {

constexpr int kRows = 1200;

class ScanTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Reopen(StoreOptions().cache_bytes);
    std::mt19937_64 random(9);
    // Every third part is late: its times lie among those of the part before.
    for (int part = 0; part < 12; ++part) {
      record::BatchBuilder builder;
      for (int i = 0; i < kRows / 12; ++i) {
        const int64_t time = (part % 3 == 2 ? part - 1 : part) * 1000 + i * 10;
        const std::string line = fmt::format(R"({{"n":{},"id":"req_{:06x}a","level":"{}"}})", next_,
                                             random() % 4096, random() % 5 == 0 ? "ERROR" : "INFO");
        builder.Append(line, time);
        rows_.push_back({{time, 0}, line});
        ++next_;
      }
      ASSERT_TRUE(store_->Append(builder.Finish()).ok());
      if (part < 10) {
        ASSERT_TRUE(store_->Flush().ok());  // the rest stays in memory
      }
    }
    std::stable_sort(rows_.begin(), rows_.end(), [](const auto& a, const auto& b) {
      return a.first.timestamp_ns < b.first.timestamp_ns;
    });
  }

  void Reopen(size_t cache_bytes) {
    store_.reset();
    StoreOptions options;
    options.dir = "/store";
    options.env = &env_;
    options.background = false;
    options.cache_bytes = cache_bytes;
    store_ = *Store::Open(options);
  }

  // Lines, in the order in which they came.
  std::vector<std::string> Scan(const ScanRequest& request, ScanStats* stats = nullptr) {
    absl::Mutex mutex;
    std::vector<std::string> lines;
    places_.clear();
    const absl::Status status = store_->Scan(
        request,
        [&](const record::RecordBatch& batch, const expr::Selection& rows) {
          absl::MutexLock lock(&mutex);
          record::RowCursor cursor(batch);
          std::vector<std::string> these;
          for (const uint32_t row : rows) {
            cursor.MoveTo(row);
            cursor.AppendLine(these.emplace_back());
            places_.push_back({batch.timestamp_ns[row], batch.sequence[row]});
          }
          if (request.order == Order::kDescending) std::reverse(these.begin(), these.end());
          lines.insert(lines.end(), these.begin(), these.end());
          return true;
        },
        stats);
    EXPECT_TRUE(status.ok()) << status;
    return lines;
  }
  std::vector<std::string> Expected(const std::string& needle = "") const {
    std::vector<std::string> lines;
    for (const auto& [place, line] : rows_) {
      if (line.find(needle) != std::string::npos) lines.push_back(line);
    }
    return lines;
  }
  static std::shared_ptr<const expr::Matcher> Contains(const std::string& needle) {
    expr::Expr contains;
    contains.op = expr::Expr::Op::kContains;
    contains.field.source = expr::FieldRef::Source::kLine;
    contains.text = needle;
    return *expr::Matcher::Compile(expr::Make(contains));
  }
  static ScanRequest Lines(Order order) {
    ScanRequest request;
    request.columns.line = true;
    request.order = order;
    return request;
  }

  base::MemEnv env_;
  std::unique_ptr<Store> store_;
  std::vector<std::pair<RowPlace, std::string>> rows_;  // in order
  std::vector<RowPlace> places_;
  int next_ = 0;
};

TEST_F(ScanTest, OrdersRowsThatWereOpenedAhead) {
  EXPECT_EQ(Scan(Lines(Order::kAscending)), Expected());
  std::vector<std::string> backwards = Expected();
  std::reverse(backwards.begin(), backwards.end());
  EXPECT_EQ(Scan(Lines(Order::kDescending)), backwards);
  ScanRequest some = Lines(Order::kAscending);
  some.predicate = Contains("ERROR");
  EXPECT_EQ(Scan(some), Expected("ERROR"));
}

TEST_F(ScanTest, ConcurrentRowsAreTheSame) {
  ScanRequest request = Lines(Order::kNone);
  request.concurrent = true;
  std::vector<std::string> expected = Expected();
  std::vector<std::string> lines = Scan(request);
  std::sort(expected.begin(), expected.end());
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines, expected);
}

TEST_F(ScanTest, KeepsDecodedBlocksForTheNextOne) {
  const ScanRequest request = Lines(Order::kAscending);
  ScanStats first;
  ScanStats second;
  EXPECT_EQ(Scan(request, &first), Expected());
  EXPECT_EQ(Scan(request, &second), Expected());
  EXPECT_GT(first.bytes_read, 0u);
  EXPECT_EQ(second.bytes_read, 0u);
  // What is deleted or merged since is not what the cache remembers.
  DeleteRequest errors;
  errors.predicate = Contains("ERROR");
  const auto deleted = store_->Delete(errors);
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(Scan(request), Expected("INFO"));
  ASSERT_TRUE(store_->Compact().ok());
  EXPECT_EQ(Scan(request), Expected("INFO"));
  EXPECT_EQ(Scan(request), Expected("INFO"));
}

TEST_F(ScanTest, GivesTheSameWhateverTheCacheHolds) {
  for (const size_t bytes : {size_t{0}, size_t{40} << 10, size_t{400} << 10}) {
    Reopen(bytes);
    for (int round = 0; round < 3; ++round) {
      ScanRequest few = Lines(Order::kDescending);
      few.predicate = Contains("\"n\":77,");  // one row, read by itself
      EXPECT_EQ(Scan(few), Expected("\"n\":77,"));
      EXPECT_EQ(Scan(Lines(Order::kAscending)), Expected());
      ScanRequest some = Lines(Order::kAscending);
      some.predicate = Contains("ERROR");
      EXPECT_EQ(Scan(some), Expected("ERROR"));
    }
  }
}

TEST_F(ScanTest, AsksTheDiskForTheBlocksThatComeNext) {
  for (const Order order : {Order::kNone, Order::kAscending}) {
    Reopen(StoreOptions().cache_bytes);  // ten parts of a block each
    ScanRequest errors = Lines(order);
    errors.predicate = Contains("ERROR");
    const uint64_t before = env_.reads_announced();
    Scan(errors);
    // None for the two that the first blocks find ahead of them: until then nothing tells that it pays.
    EXPECT_GE(env_.reads_announced() - before, 5U);
    EXPECT_LE(env_.reads_announced() - before, 8U);
    const uint64_t after = env_.reads_announced();
    errors.predicate = Contains("INFO");
    Scan(errors);  // all blocks are in the cache
    EXPECT_EQ(env_.reads_announced(), after);
  }
}

TEST_F(ScanTest, DoesNotAskTheDiskForBlocksOfWhichItReadsLittle) {
  Reopen(0);
  ScanRequest shapes;
  shapes.columns = {.times = false, .shapes_only = true};
  const uint64_t before = env_.reads_announced();
  EXPECT_TRUE(store_
                  ->Scan(
                      shapes, [](const auto&, const auto&) { return true; }, nullptr)
                  .ok());
  EXPECT_EQ(env_.reads_announced(), before);
}

TEST_F(ScanTest, ALimitKeepsTheFirstRowsOfTheOrder) {
  for (const Order order : {Order::kAscending, Order::kDescending}) {
    ScanRequest request = Lines(order);
    request.predicate = Contains("ERROR");
    request.limit = 7;
    std::vector<std::string> expected = Expected("ERROR");
    if (order == Order::kDescending) std::reverse(expected.begin(), expected.end());
    std::vector<std::string> lines = Scan(request);
    ASSERT_GE(lines.size(), 7u);
    EXPECT_LT(lines.size(), expected.size());
    EXPECT_TRUE(std::equal(lines.begin(), lines.begin() + 7, expected.begin()));
  }
}

TEST_F(ScanTest, APassOverAllBlocksKeepsNoFrames) {
  ScanRequest one = Lines(Order::kNone);
  one.predicate = Contains("\"n\":57,");
  ScanStats first;
  EXPECT_EQ(Scan(one, &first), Expected("\"n\":57,"));
  one.predicate = Contains("\"n\":58,");
  ScanStats second;
  EXPECT_EQ(Scan(one, &second), Expected("\"n\":58,"));
  EXPECT_GT(second.bytes_read, 0U) << "of the one block with a match";
  EXPECT_LT(second.bytes_read, first.bytes_read / 2) << "the others need their columns alone";
}

TEST_F(ScanTest, GivesChosenRowsAlone) {
  Scan(Lines(Order::kAscending));
  const std::vector<RowPlace> all = places_;
  std::vector<RowPlace> only = {all[3], all[400], all[401], all[1199]};
  ScanRequest request = Lines(Order::kAscending);
  request.only = std::make_shared<const std::vector<RowPlace>>(only);
  ScanStats stats;
  EXPECT_EQ(Scan(request, &stats).size(), only.size());
  EXPECT_EQ(places_, only);
  EXPECT_GT(stats.blocks_pruned_time, 0u);
}

TEST_F(ScanTest, CountsWithoutReading) {
  ScanRequest request;
  request.columns.times = false;
  std::atomic<size_t> rows = 0;
  ScanStats stats;
  const auto count = [&](const record::RecordBatch&, const expr::Selection& selected) {
    rows += selected.size();
    return true;
  };
  ASSERT_TRUE(store_->Scan(request, count, &stats).ok());
  EXPECT_EQ(rows, size_t{kRows});
  EXPECT_EQ(stats.bytes_read, 0u);
  EXPECT_EQ(stats.blocks_counted, 10u);
  EXPECT_EQ(stats.rows_matched, uint64_t{kRows});
  // A sink that has enough is not called again, however many rows there are.
  size_t calls = 0;
  const auto enough = [&calls](const record::RecordBatch&, const expr::Selection&) { return ++calls < 1; };
  ASSERT_TRUE(store_->Scan(request, enough, &stats).ok());
  EXPECT_EQ(calls, 1u);
  // A range that cuts a block has to look at its times.
  request.range = {.from_ns = 500, .to_ns = 1500};
  rows = 0;
  ASSERT_TRUE(store_->Scan(request, count, &stats).ok());
  const auto inside = std::count_if(rows_.begin(), rows_.end(), [](const auto& row) {
    return row.first.timestamp_ns >= 500 && row.first.timestamp_ns < 1500;
  });
  EXPECT_EQ(rows, static_cast<size_t>(inside));
}

// A condition of which only the count is wanted, and few rows of a block, or of a batch in memory, pass.
TEST_F(ScanTest, CountsFewRowsWithoutPickingThem) {
  ScanRequest request;
  request.columns.times = false;
  size_t rows = 0;
  ScanStats stats;
  const auto count = [&](const record::RecordBatch& batch, const expr::Selection& selected) {
    EXPECT_LT(selected.back(), batch.rows());
    rows += selected.size();
    return true;
  };
  const auto counted = [&](const std::string& needle) {
    request.predicate = Contains(needle);
    rows = 0;
    stats = {};
    EXPECT_TRUE(store_->Scan(request, count, &stats).ok());
    EXPECT_EQ(stats.rows_matched, rows);
    return rows;
  };
  EXPECT_EQ(counted("\"n\":77,"), 1u);
  EXPECT_EQ(counted("\"n\":1150,"), 1u);  // in memory
  EXPECT_EQ(counted("\"n\":7"), Expected("\"n\":7").size());
  EXPECT_EQ(counted("nowhere"), 0u);
  request.range = {.from_ns = 500, .to_ns = 1500};
  EXPECT_EQ(counted("\"n\":77,"), 1u);  // at 770
  EXPECT_EQ(counted("\"n\":7,"), 0u);   // at 70, in the same block
  request.range = ScanRequest().range;
  // The same block gives lines afterwards, and once they are deleted neither.
  ScanRequest lines = Lines(Order::kAscending);
  lines.predicate = Contains("\"n\":77,");
  EXPECT_EQ(Scan(lines), Expected("\"n\":77,"));
  DeleteRequest one;
  one.predicate = lines.predicate;
  ASSERT_TRUE(store_->Delete(one).ok());
  EXPECT_EQ(counted("\"n\":77,"), 0u);
  EXPECT_EQ(counted("\"n\":7"), Expected("\"n\":7").size() - 1);
}

// The same condition again is answered from what is kept with the blocks, under another range and order too.
TEST_F(ScanTest, RemembersFewRowsOfABlock) {  // REQ Q-07
  ScanRequest request = Lines(Order::kAscending);
  const auto remembered = [&](const std::string& needle) {
    request.predicate = Contains(needle);
    ScanStats stats;
    EXPECT_EQ(Scan(request, &stats), Expected(needle));
    return stats.blocks_remembered;
  };
  EXPECT_EQ(remembered("\"n\":77,"), 0u);
  EXPECT_EQ(remembered("\"n\":77,"), 10u);  // of ten blocks, one with a row; memory is asked again
  EXPECT_EQ(remembered("nowhere"), 0u);
  EXPECT_EQ(remembered("nowhere"), 10u);
  EXPECT_EQ(remembered("INFO"), 0u);  // most rows: reading them costs more than finding them
  EXPECT_EQ(remembered("INFO"), 0u);
  request.order = Order::kNone;
  EXPECT_EQ(remembered("\"n\":77,"), 10u);
  request.range = {.from_ns = 800, .to_ns = 1500};  // without it, at 770
  ScanStats stats;
  EXPECT_TRUE(Scan(request, &stats).empty());
  EXPECT_GT(stats.blocks_remembered, 0u);
  request.range = ScanRequest().range;
  DeleteRequest one;
  one.predicate = request.predicate;
  ASSERT_TRUE(store_->Delete(one).ok());
  EXPECT_TRUE(Scan(request, &stats).empty());
  // Only so many conditions are kept, the latest.
  for (int n = 100; n < 120; ++n) remembered(fmt::format("\"n\":{},", n));
  EXPECT_GE(remembered("\"n\":119,"), 10u);
  EXPECT_EQ(remembered("\"n\":101,"), 0u);
}

TEST_F(ScanTest, TellsShapesWithoutReadingRows) {  // REQ Q-07
  ScanRequest request;
  request.columns.shapes_only = true;
  size_t told = 0;
  size_t rows = 0;
  ScanStats stats;
  const auto look = [&](const record::RecordBatch& batch, const expr::Selection& selected) {
    EXPECT_FALSE(batch.shapes.empty());
    EXPECT_FALSE(batch.streams.empty());
    told += selected.empty() ? 1 : 0;
    rows += selected.size();
    return true;
  };
  ASSERT_TRUE(store_->Scan(request, look, &stats).ok());
  EXPECT_EQ(told, 10u);
  EXPECT_EQ(stats.blocks_counted, 10u);
  EXPECT_EQ(rows, size_t{kRows} / 6);  // those in memory
  EXPECT_EQ(stats.rows_matched, uint64_t{kRows});
  // Where a range cuts a block, its rows in the range say what there is.
  request.range = {.from_ns = 500, .to_ns = 3500};
  told = rows = 0;
  ASSERT_TRUE(store_->Scan(request, look, &stats).ok());
  EXPECT_GT(told, 0u);
  EXPECT_LT(told, 10u);
  EXPECT_GT(rows, 0u);
  // And where rows of it are deleted, the others.
  DeleteRequest all_but_memory;
  all_but_memory.range = {.from_ns = INT64_MIN, .to_ns = 3500};
  ASSERT_TRUE(store_->Delete(all_but_memory).ok());
  told = rows = 0;
  ASSERT_TRUE(store_->Scan(request, look, &stats).ok());
  EXPECT_EQ(told + rows, 0u);
}

TEST_F(ScanTest, EndsWhenItIsCancelledOrHasEnough) {
  for (const Order order : {Order::kNone, Order::kAscending}) {
    ScanRequest request = Lines(order);
    int asked = 0;
    request.cancelled = [&asked] { return ++asked > 3; };
    const auto more = [](const record::RecordBatch&, const expr::Selection&) { return true; };
    EXPECT_TRUE(absl::IsCancelled(store_->Scan(request, more, nullptr)));
    request.cancelled = nullptr;
    const auto enough = [](const record::RecordBatch&, const expr::Selection&) { return false; };
    EXPECT_TRUE(store_->Scan(request, enough, nullptr).ok());
  }
}

}  // namespace
}  // namespace taffrail::store
