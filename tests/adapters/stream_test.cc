// REQ L-12
#include "taffrail/adapters/stream.h"

#include <gmock/gmock.h>

#include <iostream>
#include <sstream>
#include <thread>

#include "lines.h"

namespace taffrail {
namespace {

using testing::ElementsAre;

TEST(StreamAdapter, EachLineOfTheStreamIsALine) {
  Lines lines;
  {
    const adapters::StreamRedirect clog(std::clog, "legacy");
    const adapters::StreamRedirect cerr(std::cerr, "legacy", Level::kError);
    std::clog << "one " << 1 << std::endl << "two";
    std::cerr << "bad\n";
    std::clog << " and a half\nthree";
  }  // the end of the last one
  EXPECT_THAT(lines.Take(), ElementsAre(R"({"level":"INFO","logger":"legacy","message":"one 1"})",
                                        R"({"level":"ERROR","logger":"legacy","message":"bad"})",
                                        R"({"level":"INFO","logger":"legacy","message":"two and a half"})",
                                        R"({"level":"INFO","logger":"legacy","message":"three"})"));
}

TEST(StreamAdapter, ThreadsDoNotGetIntoEachOthersLines) {
  Lines lines;
  constexpr int kThreads = 4, kLinesEach = 500;
  {
    // A stream of each thread's own over one buffer: formatting flags of one stream are not for two threads.
    adapters::LineBuffer buffer("legacy", Level::kInfo);
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&buffer, i] {
        std::ostream stream(&buffer);
        for (int j = 0; j < kLinesEach; ++j) stream << "thread " << i << " line " << j << '\n';
      });
    }
  }
  std::vector<std::string> taken = lines.Take();
  EXPECT_EQ(taken.size(), size_t{kThreads} * kLinesEach);
  for (const std::string& line : taken) {
    EXPECT_THAT(line, testing::MatchesRegex(R"(.*"message":"thread [0-3] line [0-9]+".*)"));
  }
}

}  // namespace
}  // namespace taffrail
