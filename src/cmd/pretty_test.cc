#include "cmd/pretty.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <numeric>

#include "record/batch_builder.h"

namespace taffrail::cmd {
namespace {

constexpr int64_t kTimeNs = 1'761'834'225'123'000'000;  // 2025-10-30T14:23:45.123Z

std::string Pretty(std::string_view line, bool color = false) {
  setenv("TZ", "UTC", 1);
  record::BatchBuilder builder;
  builder.Append(line, kTimeNs);
  const record::RecordBatch batch = builder.Finish();
  std::string out;
  PrettyPrinter(Painter(color)).Append(batch, {0}, out);
  return out.substr(out.find('\n') + 1);  // without the day
}

TEST(Pretty, TimeLevelServiceMessageThenTheRest) {  // REQ P-03
  EXPECT_EQ(
      Pretty(
          R"({"timestamp":"2025-10-30T14:23:45.123Z","level":"info","service":"api","message":"Task made",)"
          R"("ctx":{"id":"r1","note":"two words"},"took":15.90,"gone":null})"),
      "14:23:45.123 INFO     api  Task made ctx.id=r1 ctx.note=\"two words\" took=15.90\n");
}

TEST(Pretty, TextLinesAreTheirOwnMessage) {
  EXPECT_EQ(Pretty("plain text"), "14:23:45.123          plain text\n");
}

TEST(Pretty, ValuesOfSeveralLinesStandBelow) {
  EXPECT_EQ(Pretty(R"({"level":"ERROR","message":"failed","stack":"Traceback:\n  File x\nValueError"})"),
            "14:23:45.123 ERROR    failed\n"
            "    stack:\n"
            "      Traceback:\n"
            "        File x\n"
            "      ValueError\n");
}

TEST(Pretty, NothingInALineReachesTheTerminalAsACommand) {
  const std::string text =
      Pretty(R"({"message":"a\u001b[2Jb","k\u001b":"\u001b]0;x\u0007","many":"x\n\u001b[1A"})");
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
  EXPECT_EQ(text.find('\x07'), std::string::npos) << text;
}

TEST(Pretty, LongArraysAreCutShort) {
  const std::string text = Pretty(R"({"message":"m","list":[)" + std::string(500, '1') + "]}");
  EXPECT_NE(text.find("…"), std::string::npos);
  EXPECT_LT(text.size(), 250u);
}

TEST(Pretty, ColoursTheLevel) {
  EXPECT_NE(Pretty(R"({"level":"ERROR","message":"m"})", true).find("\x1b[31mERROR"), std::string::npos);
}

TEST(Pretty, NamesADayOnce) {
  record::BatchBuilder builder;
  for (int i = 0; i < 3; ++i) builder.Append("x", kTimeNs + i);
  builder.Append("y", kTimeNs + int64_t{86400} * 1'000'000'000);
  const record::RecordBatch batch = builder.Finish();
  expr::Selection rows(batch.rows());
  std::iota(rows.begin(), rows.end(), 0u);
  std::string out;
  PrettyPrinter(Painter(false)).Append(batch, rows, out);
  EXPECT_EQ(out.find("── Thursday, 30 October 2025 ──"), 0u) << out;
  EXPECT_EQ(out.find("Thursday", 20), std::string::npos);
  EXPECT_NE(out.find("── Friday, 31 October 2025 ──"), std::string::npos);
}

}  // namespace
}  // namespace taffrail::cmd
