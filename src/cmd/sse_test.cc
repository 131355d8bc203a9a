#include "cmd/sse.h"

#include <gtest/gtest.h>

#include <vector>

namespace taffrail::cmd {
namespace {

std::vector<std::string> Parse(std::string_view stream, size_t piece_bytes) {
  SseParser parser;
  std::vector<std::string> events;
  while (!stream.empty()) {
    const auto more = parser.Feed(stream.substr(0, piece_bytes), [&events](const SseEvent& event) {
      events.push_back(event.id + "|" + event.name + "|" + event.data);
      return true;
    });
    EXPECT_TRUE(more.ok() && *more);
    stream.remove_prefix(std::min(piece_bytes, stream.size()));
  }
  return events;
}

TEST(Sse, TheSameEventsHoweverTheStreamIsCut) {  // REQ Q-09
  constexpr std::string_view kStream =
      ": hello\n\n"
      "data: one\n\n"
      "id: 7\nevent: gap\ndata:two\ndata: three\r\n\r\n"
      "data\rid\r\r"
      "data: never ended\n";
  const std::vector<std::string> expected = {"|message|one", "7|gap|two\nthree", "|message|"};
  for (size_t piece = 1; piece <= kStream.size(); ++piece)
    EXPECT_EQ(Parse(kStream, piece), expected) << piece;
}

TEST(Sse, StopsWhenAsked) {
  SseParser parser;
  int events = 0;
  const auto more =
      parser.Feed("data: 1\n\ndata: 2\n\n", [&events](const SseEvent&) { return ++events < 1; });
  ASSERT_TRUE(more.ok());
  EXPECT_FALSE(*more);
  EXPECT_EQ(events, 1);
}

TEST(Sse, RefusesAnEndlessEvent) {
  SseParser parser;
  const std::string piece = "data: " + std::string(1 << 20, 'x') + "\n";
  absl::Status status;
  for (int i = 0; i < 20 && status.ok(); ++i)
    status = parser.Feed(piece, [](const SseEvent&) { return true; }).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace taffrail::cmd
