#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "sink/files_for_tests.h"
#include "taffrail/testing.h"

namespace taffrail::sink {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// REQ L-11
TEST(MemorySink, KeepsTheLastLinesAndBytes) {
  MemorySink sink(3, 10);
  for (const char* line : {"one", "two", "three", "four"}) EXPECT_TRUE(WriteLine(sink, line));
  EXPECT_THAT(sink.lines(), ElementsAre("three", "four"));
  EXPECT_TRUE(sink.write(Lines({"a", "b", "c", "d"}).batch()));
  EXPECT_THAT(sink.lines(), ElementsAre("b", "c", "d"));
  EXPECT_TRUE(WriteLine(sink, "longer than ten"));
  EXPECT_THAT(sink.lines(), ElementsAre());
}

TEST(MemorySink, RecentLinesComeWithWhatIsKnownOfThem) {
  MemorySink sink;
  sink.write(Lines({"one", "two"}).batch());
  sink.write(Lines({"bad", "worse"}, Level::kError, Category::kSecurity).batch());
  sink.write(Lines({"three"}).batch());
  const auto recent = sink.recent(1, Level::kWarning);
  ASSERT_EQ(recent.size(), 1U);
  EXPECT_EQ(recent[0].line, "worse");
  EXPECT_EQ(recent[0].level, Level::kError);
  EXPECT_EQ(recent[0].category, Category::kSecurity);
  EXPECT_EQ(recent[0].logger, "t");
  EXPECT_EQ(recent[0].time_ns, 1'761'834'225'123'000'000);
  EXPECT_EQ(sink.recent(2)[0].line, "worse");
  sink.clear();
  EXPECT_TRUE(sink.recent(10).empty());
}

TEST(MemorySink, IsReadWhileItIsWritten) {
  MemorySink sink(10);
  std::thread reader([&] {
    for (int i = 0; i < 500; ++i) EXPECT_LE(sink.recent(100).size(), 10U);
  });
  for (int i = 0; i < 500; ++i) WriteLine(sink, "line");
  reader.join();
}

// REQ L-16
TEST(CaptureSink, FindsLinesByFields) {
  CaptureSink capture;
  EXPECT_EQ(capture.missing({{"message", "x"}}), "nothing was logged");
  WriteLine(capture,
            R"({"message":"Task created","metadata":{"duration_ms":45,"ok":true,"ratio":0.5,"none":null,)"
            R"("tags":["a",{"b":1}],"http.method":"GET","big":18446744073709551615}})");
  WriteLine(capture, R"({"message":"Task deleted","metadata":{"duration_ms":45}})");
  WriteLine(capture, "not json");
  EXPECT_EQ(capture.missing({{"message", "Task created"},
                             {"metadata.duration_ms", 45},
                             {"metadata.ok", true},
                             {"metadata.ratio", 0.5},
                             {"metadata.none", nullptr},
                             {"metadata.tags.0", "a"},
                             {"metadata.tags.1.b", 1U},
                             {"metadata.http.method", std::string("GET")},
                             {"metadata.big"}}),
            "");
  EXPECT_EQ(capture.count({{"metadata.duration_ms", 45}}), 2U);
  EXPECT_EQ(capture.count({{"metadata.duration_ms", "45"}}), 0U);
  EXPECT_EQ(capture.count({{"metadata.duration_ms", 45.0}}), 2U);
  EXPECT_EQ(capture.count({{"metadata.ok", 1}}), 0U);
  EXPECT_EQ(capture.count({{"metadata.tags.7"}}), 0U);
  EXPECT_EQ(capture.find({{"message", "Task deleted"}}).at(0),
            R"({"message":"Task deleted","metadata":{"duration_ms":45}})");
}

TEST(CaptureSink, SaysWhatIsWrongWithTheClosestLine) {
  CaptureSink capture;
  WriteLine(capture, R"({"message":"a","metadata":{"n":1}})");
  WriteLine(capture, R"({"message":"b","metadata":{"n":2}})");
  const std::string why = capture.missing({{"message", "b"}, {"metadata.n", 3}, {"user_id"}});
  EXPECT_THAT(why, HasSubstr(R"(the closest is {"message":"b")"));
  EXPECT_THAT(why, HasSubstr("metadata.n is 2, expected 3\n"));
  EXPECT_THAT(why, HasSubstr("user_id is absent, expected anything\n"));
}

}  // namespace
}  // namespace taffrail::sink
