#include "ingest/upload.h"

#include <string>
#include <vector>

#include "base/mem_env.h"
#include "gtest/gtest.h"
#include "net/problem.h"
#include "record/row_cursor.h"
#include "store/store.h"

namespace taffrail::ingest {
namespace {

// A real store in memory, and uploads into it.
class UploadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store = store::Store::Open({.dir = "/data", .env = &env_, .background = false});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    pipeline_ = std::make_unique<Pipeline>(*store_, env_);
  }

  // The chunks, and then `end`.
  UploadResult Upload(std::vector<std::string> chunks, absl::Status end = absl::OkStatus(),
                      const UploadOptions& options = {}) {
    size_t next = 0;
    return UploadLines(
        *pipeline_,
        [&](std::string& chunk) -> absl::StatusOr<bool> {
          if (next == chunks.size()) {
            if (!end.ok()) return end;
            return false;
          }
          chunk = chunks[next++];
          return true;
        },
        options);
  }

  // Every stored line in order of arrival, with its labels before it.
  std::string Stored() {
    std::string out;
    store::ScanRequest request;
    request.columns.line = true;
    request.order = store::Order::kAscending;
    EXPECT_TRUE(store_
                    ->Scan(
                        request,
                        [&](const record::RecordBatch& batch, const expr::Selection& rows) {
                          record::RowCursor cursor(batch);
                          for (const uint32_t row : rows) {
                            for (const auto& [name, value] : batch.streams[batch.stream_of(row)].labels) {
                              out += name + "=" + value + " ";
                            }
                            cursor.MoveTo(row);
                            cursor.AppendLine(out);
                            out += '\n';
                          }
                          return true;
                        },
                        nullptr)
                    .ok());
    return out;
  }

  base::MemEnv env_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Pipeline> pipeline_;
};

// REQ I-01
TEST_F(UploadTest, BuildersAreUsedAgainWithoutTheirRows) {
  EXPECT_EQ(Upload({"{\"a\":1}\n{\"a\":2}\n"}).accepted_lines, 2U);
  record::BatchBuilder builder = pipeline_->builders().Take();
  EXPECT_GT(builder.learned_bytes(), 0U);
  EXPECT_EQ(builder.rows(), 0U);
  builder.Append("{\"left\":\"behind\"}", 0);
  pipeline_->builders().Give(std::move(builder));
  // The sender goes away inside a line: the next upload has nothing of it.
  EXPECT_FALSE(Upload({"{\"a\":3}\n{\"a\":"}, absl::UnavailableError("gone")).status.ok());
  EXPECT_EQ(Upload({"{\"a\":4}\n"}).accepted_lines, 1U);
  EXPECT_EQ(Stored(), "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n{\"a\":4}\n");
}

TEST_F(UploadTest, LinesAreStoredAsTheyCame) {
  const UploadResult result = Upload({"{\"a\":1}\npla", "in\n\n{\"b\"", ":2,\"b\":3}"});
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.accepted_lines, 3u);
  EXPECT_EQ(result.intake.lines.text, 1u);
  EXPECT_EQ(result.intake.blank, 1u);
  EXPECT_EQ(result.intake.oddities.repeated_keys, 1u);
  EXPECT_EQ(Stored(), "{\"a\":1}\nplain\n{\"b\":2,\"b\":3}\n");
  const CounterValues counters = pipeline_->counters().Read();
  EXPECT_EQ(counters.commit.rows, 3u);
  EXPECT_EQ(counters.intake.lines.json, 2u);
  EXPECT_EQ(counters.uploads.at("ndjson"), 1u);
}

// REQ I-04
TEST_F(UploadTest, ABrokenUploadKeepsItsWholeLines) {
  const UploadResult result = Upload({"one\n\ntwo\nthr"}, absl::DataLossError("cut off"));
  EXPECT_EQ(result.status.message(), "cut off");
  EXPECT_EQ(result.accepted_lines, 2u);
  EXPECT_EQ(result.failed_line, 4u);
  EXPECT_EQ(Stored(), "one\ntwo\n");
}

TEST_F(UploadTest, AFailedCommitSaysWhereToGoOn) {
  std::vector<std::string> chunks(20, std::string(512 << 10, 'x') + "\n");  // several batches
  uint64_t commits = 0;
  const auto subscription = pipeline_->standing().Subscribe(*expr::Matcher::Compile(expr::True()),
                                                            [&](const auto&, const auto& rows) {
                                                              if (++commits == 1) env_.SetCapacity(0);
                                                              return rows.size();
                                                            });
  const UploadResult result = Upload(std::move(chunks));
  EXPECT_EQ(net::HttpStatusOf(result.status), 503) << result.status;
  EXPECT_GT(result.accepted_lines, 0u);
  EXPECT_LT(result.accepted_lines, 20u);
  EXPECT_EQ(result.failed_line, result.accepted_lines + 1);
  EXPECT_EQ(commits, 1u);
  EXPECT_EQ(pipeline_->counters().Read().commit.failures, 1u);
}

TEST_F(UploadTest, FieldsBecomeLabels) {
  const UploadResult result = Upload({"{\"service\":\"api\"}\n{\"service\":\"web\"}\n"}, absl::OkStatus(),
                                     {.time_field = {}, .message_field = {}, .stream_fields = {"service"}});
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(Stored(), "service=api {\"service\":\"api\"}\nservice=web {\"service\":\"web\"}\n");
}

TEST_F(UploadTest, StandingQueriesSeeCommittedRows) {
  std::vector<uint64_t> sequences;
  const auto subscription = pipeline_->standing().Subscribe(
      *expr::Matcher::Compile(expr::True()), [&](const record::RecordBatch& batch, const auto& rows) {
        sequences.insert(sequences.end(), batch.sequence.begin(), batch.sequence.end());
        return rows.size();
      });
  Upload({"a\nb\n"});
  Upload({"c\n"});
  ASSERT_EQ(sequences.size(), 3u);
  EXPECT_EQ(sequences[1], sequences[0] + 1);
  EXPECT_EQ(sequences[2], sequences[1] + 1);
}

TEST_F(UploadTest, APushIsTakenWholeOrNotAtAll) {
  const UploadResult good =
      UploadPush(*pipeline_, R"({"streams":[{"stream":{"app":"x"},"values":[["2","two"],["1","one"]]}]})",
                 PushFormat::kJson);
  EXPECT_TRUE(good.status.ok()) << good.status;
  EXPECT_EQ(good.accepted_lines, 2u);
  const UploadResult bad = UploadPush(
      *pipeline_, R"({"streams":[{"stream":{},"values":[["3","three"],["x","four"]]}]})", PushFormat::kJson);
  EXPECT_EQ(net::HttpStatusOf(bad.status), 400);
  EXPECT_EQ(bad.accepted_lines, 0u);
  EXPECT_EQ(Stored(), "app=x one\napp=x two\n");
}

}  // namespace
}  // namespace taffrail::ingest
