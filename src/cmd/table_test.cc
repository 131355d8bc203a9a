#include "cmd/table.h"

#include <gtest/gtest.h>

namespace taffrail::cmd {
namespace {

TEST(Table, AlignsByDisplayWidthAndSetsNumbersRight) {  // REQ P-03
  Table table({"service", "count"});
  table.AddRow({"日本", "7"});
  table.AddRow({"api", "1200"});
  EXPECT_EQ(table.Render(Painter(false), 0),
            "service  count\n"
            "日本         7\n"
            "api       1200\n");
}

TEST(Table, NarrowsTheWidestColumn) {
  Table table({"level", "message"});
  table.AddRow({"INFO", "a rather long message"});
  EXPECT_EQ(table.Render(Painter(false), 20),
            "level  message\n"
            "INFO   a rather lon…\n");
}

TEST(Table, CellsCannotBreakOutOfTheirLine) {
  Table table({"message"});
  table.AddRow({"one\ntwo\x1b[0m"});
  EXPECT_EQ(table.Render(Painter(false), 0), "message\none\\ntwo\\x1b[0m\n");
}

TEST(Csv, QuotesOnlyWhatNeedsIt) {
  std::string out;
  AppendCsvRow({"a", "b,c", "say \"hi\"", "two\nlines", ""}, out);
  EXPECT_EQ(out, "a,\"b,c\",\"say \"\"hi\"\"\",\"two\nlines\",\r\n");
}

}  // namespace
}  // namespace taffrail::cmd
