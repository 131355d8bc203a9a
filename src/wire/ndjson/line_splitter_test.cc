#include "wire/ndjson/line_splitter.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace taffrail::wire::ndjson {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Split(std::string_view input, size_t piece_bytes, size_t limit = 1000) {
  LineSplitter splitter(limit);
  std::vector<std::string> lines;
  const auto take = [&](std::string_view line, bool) {
    lines.emplace_back(line);
    return true;
  };
  for (size_t at = 0; at < input.size(); at += piece_bytes) {
    std::string_view piece = input.substr(at, piece_bytes);
    splitter.Feed(piece, take);
    EXPECT_TRUE(piece.empty());
  }
  splitter.End(take);
  return lines;
}

TEST(LineSplitter, EveryChunkingGivesTheSameLines) {
  const std::string input = "one\n\r\n\n{\"a\":1}\r\nlast";
  for (size_t piece_bytes = 1; piece_bytes <= input.size(); ++piece_bytes) {
    EXPECT_THAT(Split(input, piece_bytes), ElementsAre("one", "\r", "", "{\"a\":1}\r", "last"))
        << piece_bytes;
  }
}

TEST(LineSplitter, NothingAfterTheLastNewline) {
  EXPECT_THAT(Split("a\n", 10), ElementsAre("a"));
  EXPECT_THAT(Split("", 10), IsEmpty());
}

TEST(LineSplitter, ClipsInEveryChunkingAndLosesNoNeighbour) {
  const std::string input = "before\n" + std::string(100, 'x') + "\nafter\n";
  for (const size_t piece_bytes : {1, 7, 8, 9, 64, 1000}) {
    EXPECT_THAT(Split(input, piece_bytes, 10),
                ElementsAre("before", "xxxxxxxxxx…[clipped 90 bytes]", "after"))
        << piece_bytes;
  }
}

TEST(LineSplitter, ExactlyTheLimitIsNotClipped) {
  for (const size_t piece_bytes : {1, 5, 100}) {
    EXPECT_THAT(Split("0123456789\n0123456789", piece_bytes, 10), ElementsAre("0123456789", "0123456789"));
  }
}

TEST(LineSplitter, StopsWhenTold) {
  LineSplitter splitter;
  std::string_view input = "a\nb\nc\n";
  splitter.Feed(input, [](std::string_view line, bool) { return line != "b"; });
  EXPECT_EQ(input, "c\n");
}

TEST(LineSplitter, DropsAnOpenLine) {
  LineSplitter splitter;
  std::vector<std::string> lines;
  const auto take = [&](std::string_view line, bool) {
    lines.emplace_back(line);
    return true;
  };
  std::string_view input = "whole\nhal";
  splitter.Feed(input, take);
  EXPECT_TRUE(splitter.DropOpenLine());
  EXPECT_FALSE(splitter.DropOpenLine());
  splitter.End(take);
  EXPECT_THAT(lines, ElementsAre("whole"));
}

}  // namespace
}  // namespace taffrail::wire::ndjson
