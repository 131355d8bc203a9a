// Looking up an id by the index, in rows of a block alone and in pieces of its frames, gives what reading
// everything gives: also of ids that are everywhere, that were deleted, that are late, and that are none.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/mem_env.h"
#include "fmt/format.h"
#include "record/batch_builder.h"
#include "record/row_cursor.h"
#include "store/block_writer.h"
#include "store/frame_pieces.h"
#include "store/id_page.h"
#include "store/mem_ids.h"
#include "store/store.h"

namespace taffrail::store {
namespace {

constexpr int kBatchRows = 9000;

using Lines = std::vector<std::string>;

struct Known {
  int64_t time = 0;
  std::string line;
  std::string request;
  std::string user;
  bool deleted = false;
};

class LookupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Open(StoreOptions().cache_bytes);
    for (int part = 0; part < 3; ++part) {
      // The first part has two blocks of full size, and the last rows stay in memory.
      for (int batch = 0; batch < (part == 0 ? 8 : 1); ++batch) Append();
      if (part < 2) {
        ASSERT_TRUE(store_->Flush().ok());
      }
    }
  }

  void Open(size_t cache_bytes) {
    store_.reset();
    StoreOptions options;
    options.dir = "/store";
    options.env = &env_;
    options.background = false;
    options.cache_bytes = cache_bytes;
    store_ = *Store::Open(options);
  }

  // Requests of a few lines each, dozens at a time; some of them late, some never ending.
  void Append() {
    record::BatchBuilder builder;
    for (int i = 0; i < kBatchRows; ++i, ++now_) {
      Known known;
      const uint64_t open = random_() % 100 == 0 ? 7 : now_ / 20 + random_() % 40;
      known.request = fmt::format("req_{:012x}", open * 0x9e3779b97f4a7c15 >> 16);
      known.user = fmt::format("usr_{:08x}", open % 50 * 0x9e3779b1);
      known.time = static_cast<int64_t>(now_) * 1000 - (random_() % 50 == 0 ? 5'000'000 : 0);
      switch (random_() % 5) {
        case 0:
          known.line = fmt::format(R"({{"request":"{}","user":"{}","status":{},"ms":{}}})", known.request,
                                   known.user, 200 + random_() % 5, random_() % 1000);
          break;
        case 1:  // the id stands in a sentence, and nowhere else
          known.line =
              fmt::format(R"({{"message":"done with {} \\ after {} ms","user":"{}","host":"web-{}"}})",
                          known.request, random_() % 100, known.user, random_() % 3);
          break;
        default:
          known.line = fmt::format(R"({{"request":"{}","message":"{} rows","user":"{}"}})", known.request,
                                   random_() % 7, known.user);
      }
      builder.Append(known.line, known.time);
      known_.push_back(std::move(known));
    }
    ASSERT_TRUE(store_->Append(builder.Finish()).ok());
  }

  static std::shared_ptr<const expr::Matcher> Condition(expr::Expr::Op op, expr::FieldRef::Source source,
                                                        const std::string& field, const std::string& text) {
    expr::Expr condition;
    condition.op = op;
    condition.field.source = source;
    condition.field.name = field;
    condition.text = text;
    return *expr::Matcher::Compile(expr::Make(condition));
  }
  static std::shared_ptr<const expr::Matcher> Field(const std::string& field, const std::string& text) {
    return Condition(expr::Expr::Op::kEqual, expr::FieldRef::Source::kField, field, text);
  }
  static std::shared_ptr<const expr::Matcher> Word(const std::string& text) {
    return Condition(expr::Expr::Op::kPhrase, expr::FieldRef::Source::kAny, "", text);
  }

  Lines Find(std::shared_ptr<const expr::Matcher> predicate, TimeRange range = {}) {
    ScanRequest request;
    request.predicate = std::move(predicate);
    request.columns.line = true;
    request.order = Order::kAscending;
    request.range = range;
    Lines lines;
    const auto sink = [&lines](const record::RecordBatch& batch, const expr::Selection& rows) {
      record::RowCursor cursor(batch);
      for (const uint32_t row : rows) {
        cursor.MoveTo(row);
        cursor.AppendLine(lines.emplace_back(fmt::format("{} ", batch.timestamp_ns[row])));
      }
      return true;
    };
    stats_ = {};
    const absl::Status status = store_->Scan(request, sink, &stats_);
    EXPECT_TRUE(status.ok()) << status;
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  template <typename Wanted>
  Lines Expected(Wanted wanted, TimeRange range = {}) const {
    Lines lines;
    for (const Known& known : known_) {
      if (known.deleted || known.time < range.from_ns || known.time >= range.to_ns || !wanted(known))
        continue;
      lines.push_back(fmt::format("{} {}", known.time, known.line));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  static bool HasField(const Known& known, const std::string& key, const std::string& value) {
    return known.line.find(fmt::format(R"("{}":"{}")", key, value)) != std::string::npos;
  }

  void Compare() {
    std::vector<std::string> requests = {"req_000000000000", "no id", known_[7].request};
    for (int i = 0; i < 25; ++i) requests.push_back(known_[random_() % known_.size()].request);
    for (const std::string& id : requests) {
      SCOPED_TRACE(id);
      EXPECT_EQ(Find(Field("request", id)),
                Expected([&](const Known& known) { return HasField(known, "request", id); }));
      EXPECT_EQ(Find(Word(id)), Expected([&](const Known& known) { return known.request == id; }));
      const auto from = static_cast<int64_t>(random_() % (now_ * 1000));
      const TimeRange range{from, from + 20'000'000};
      EXPECT_EQ(Find(Word(id), range),
                Expected([&](const Known& known) { return known.request == id; }, range));
    }
    for (int i = 0; i < 3; ++i) {
      const std::string& user = known_[random_() % known_.size()].user;
      EXPECT_EQ(Find(Field("user", user)), Expected([&](const Known& known) { return known.user == user; }));
    }
  }

  base::MemEnv env_;
  std::unique_ptr<Store> store_;
  std::mt19937_64 random_{20'261'127};
  std::vector<Known> known_;
  uint64_t now_ = 0;
  ScanStats stats_;
};

// REQ F-05, D-03, Q-07
TEST_F(LookupTest, FindsWhatReadingEverythingFinds) {
  Compare();
  for (const size_t victim : {size_t{1234}, size_t{40'000}, size_t{75'000}, known_.size() - 5}) {
    const std::string id = known_[victim].request;
    DeleteRequest request;
    request.predicate = Word(id);
    const auto report = store_->Delete(request);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_GT(report->rows, 0U);
    for (Known& known : known_) known.deleted = known.deleted || known.request == id;
    EXPECT_EQ(Find(Word(id)), Lines());
  }
  Compare();
  Open(/*cache_bytes=*/0);
  Compare();
  ASSERT_TRUE(store_->Flush().ok());
  ASSERT_TRUE(store_->Compact().ok());
  Compare();
}

// REQ F-05
TEST_F(LookupTest, ReadsALittleOfABlock) {
  Open(/*cache_bytes=*/0);
  const auto is_short = [this](const std::string& id) {
    int64_t first = INT64_MAX;
    int64_t last = INT64_MIN;
    for (const Known& known : known_) {
      if (known.request != id) continue;
      first = std::min(first, known.time);
      last = std::max(last, known.time);
    }
    return last - first < 1'000'000;  // none is late
  };
  size_t chosen = 30'000;
  while (!is_short(known_[chosen].request)) ++chosen;
  const std::string& id = known_[chosen].request;
  EXPECT_FALSE(Find(Field("request", id)).empty());
  const uint64_t alone = stats_.bytes_decoded;
  EXPECT_LE(stats_.rows_read, uint64_t{kBatchRows} + 2 * kHintRows)
      << "the memtable's, and those that the index names";
  EXPECT_FALSE(Find(nullptr).empty());
  EXPECT_LT(alone, stats_.bytes_decoded * 3 / 4);
}

// REQ F-05
TEST_F(LookupTest, WhatAPickDecompressedIsThereForTheNext) {
  ASSERT_TRUE(store_->Flush().ok());
  const auto lookup = [this](size_t line) {
    const Lines lines = Find(Field("request", known_[line].request));
    EXPECT_FALSE(lines.empty());
    return lines;
  };
  const Lines first = lookup(30'000);
  EXPECT_GT(stats_.bytes_read, 0U);
  const uint64_t decoded = stats_.bytes_decoded;
  EXPECT_GT(decoded, 0U);
  EXPECT_EQ(lookup(30'000), first);
  EXPECT_EQ(stats_.bytes_decoded, 0U);
  // Another id of the block wants other pieces of frames that have been read.
  lookup(31'000);
  EXPECT_LT(stats_.bytes_decoded, decoded);
  Compare();
}

// REQ F-05
TEST(MemIds, KnowsEveryIdOfABatchOnceTheyAreGathered) {
  record::BatchBuilder builder;
  builder.SetStream({{"pod", "pod_12345678"}});
  builder.Append(R"({"id":"req_00112233","text":"a \"quoted\" usr_44556677"})", 1,
                 R"({"trace":"t_0815_abc"})");
  const record::RecordBatch batch = builder.Finish();
  MemIds ids;
  EXPECT_TRUE(ids.MayHold({"req_99999999"})) << "nobody has looked";
  ids.Gather(batch);
  for (const char* id : {"req_00112233", "usr_44556677", "t_0815_abc", "pod_12345678"}) {
    EXPECT_TRUE(ids.MayHold({id})) << id;
  }
  EXPECT_TRUE(ids.MayHold({"req_00112233", "usr_44556677"}));
  EXPECT_FALSE(ids.MayHold({"req_99999999"}));
  EXPECT_FALSE(ids.MayHold({"req_00112233", "req_99999999"}));
  EXPECT_TRUE(ids.MayHold({}));
}

// REQ F-05
TEST(LazyFrame, DecompressesThePiecesThatAreNeeded) {
  std::mt19937_64 random(3);
  std::string raw;
  std::vector<uint32_t> cuts;
  for (int plane = 0; plane < 6; ++plane) {
    cuts.push_back(static_cast<uint32_t>(raw.size()));
    for (int i = 0; i < 50'000; ++i) raw.push_back(static_cast<char>(random() % (plane % 2 == 0 ? 256 : 9)));
  }
  std::string data;
  AppendPiecedFrame(raw, cuts, 1, 16 << 10, false, data);
  std::string whole;
  size_t frame_bytes = 0;
  ASSERT_TRUE(ReadFrame(data, whole, &frame_bytes).ok());
  EXPECT_EQ(whole, raw);
  EXPECT_EQ(frame_bytes, data.size());
  LazyFrame frame;
  ASSERT_TRUE(frame.Open(data).ok());
  for (int i = 0; i < 20; ++i) {
    const size_t at = random() % raw.size();
    const size_t size = random() % 300;
    frame.Need(frame.raw().data() + at, size);
    EXPECT_EQ(frame.raw().substr(at, size), std::string_view(raw).substr(at, size));
    if (i == 0) {
      EXPECT_LE(frame.bytes_decoded(), 50'000U);
    }
  }
  frame.NeedAll();
  EXPECT_EQ(frame.raw(), raw);
  EXPECT_EQ(frame.bytes_decoded(), raw.size());
  EXPECT_TRUE(frame.ok());
  // Pieces that say anything are refused, or are what they say.
  for (size_t i = 0; i < data.size(); i += 1 + data.size() / 500) {
    FrameParts parts;
    ASSERT_TRUE(ParseFrame(data, parts).ok());
    std::string stored(parts.stored);
    stored[i % std::min<size_t>(stored.size(), 60)] ^= static_cast<char>(1 + random() % 255);
    parts.stored = stored;
    FramePieces pieces;
    if (!pieces.Open(parts).ok()) continue;
    std::string out(parts.raw_size, ' ');
    pieces.ReadAll(out.data()).IgnoreError();
  }
}

}  // namespace
}  // namespace taffrail::store
