#include "cmd/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

namespace taffrail::cmd {
namespace {

TEST(Output, AReaderThatHasGoneAwayIsNoError) {  // REQ P-03
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  {
    Output output(ends[1]);
    EXPECT_TRUE(output.Write("a little"));
    EXPECT_FALSE(output.Flush());
    EXPECT_FALSE(output.Write("more"));
    EXPECT_TRUE(output.status().ok());
  }
  close(ends[1]);
}

TEST(Output, AFullDiskIs) {
  const int full = open("/dev/full", O_WRONLY);
  ASSERT_GE(full, 0);
  Output output(full);
  EXPECT_TRUE(output.Write("text"));
  EXPECT_FALSE(output.Flush());
  EXPECT_EQ(output.status().code(), absl::StatusCode::kUnavailable);
  close(full);
}

TEST(Output, WritesEverythingInOrder) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  {
    Output output(ends[1]);
    output.Write("one ");
    output.buffer() += "two ";
    output.Write("three");
  }
  close(ends[1]);
  char read_back[64];
  const ssize_t size = read(ends[0], read_back, sizeof(read_back));
  close(ends[0]);
  ASSERT_GT(size, 0);
  EXPECT_EQ(std::string(read_back, static_cast<size_t>(size)), "one two three");
}

}  // namespace
}  // namespace taffrail::cmd
