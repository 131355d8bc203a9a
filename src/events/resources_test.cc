#include "taffrail/events/resources.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "events/logged_for_tests.h"

namespace taffrail::events {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class ResourcesTest : public LoggedTest {
 protected:
  // Waits until so many lines came, or a minute is over.
  std::vector<std::string> WaitForLines(size_t count) {
    std::vector<std::string> all;
    for (int i = 0; i < 6'000 && all.size() < count; ++i) {
      for (std::string& line : Lines()) all.push_back(std::move(line));
      std::this_thread::sleep_for(10ms);
    }
    return all;
  }
};

// REQ E-07
TEST_F(ResourcesTest, CountsFilesAndThreadsAsTheyAre) {
  const ResourceUsage before = read_resource_usage();
  std::vector<int> fds;
  for (int i = 0; i < 10; ++i) fds.push_back(open("/dev/null", O_RDONLY));
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([&mutex] { const std::scoped_lock wait(mutex); });
  const ResourceUsage during = read_resource_usage();
  lock.unlock();
  for (std::thread& thread : threads) thread.join();
  for (const int fd : fds) close(fd);
  EXPECT_EQ(*during.fds, *before.fds + 10);
  EXPECT_EQ(*during.threads, *before.threads + 3);
  EXPECT_EQ(*read_resource_usage().fds, *before.fds);
  EXPECT_GT(*during.rss_bytes, 1 << 20);
  EXPECT_GE(during.cpu_time, before.cpu_time);
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(*during.fds_max, static_cast<int64_t>(limit.rlim_cur));
}

TEST_F(ResourcesTest, LostLinesAndFewFilesAreAWarning) {
  ResourceUsage usage{.fds = 89, .fds_max = 100};
  resource_usage(usage);
  usage.log_lines_dropped = 5;
  resource_usage(usage);
  resource_usage(usage);
  usage.fds = 90;
  resource_usage(usage);
  usage = {};
  resource_usage(usage);
  const auto level = [](const char* name) { return HasSubstr(std::string("\"level\":\"") + name); };
  EXPECT_THAT(Lines(),
              ElementsAre(level("INFO"), level("WARNING"), level("INFO"), level("WARNING"), level("INFO")));
}

TEST_F(ResourcesTest, TheSamplerWritesUntilItIsStopped) {
  ResourceSampler sampler({.interval = 20ms, .queue_depth = [] { return 7; }});
  const std::vector<std::string> lines = WaitForLines(3);
  sampler.stop();
  sampler.stop();
  ASSERT_GE(lines.size(), 3U);
  EXPECT_EQ(lines[0].find("cpu_percent"), std::string::npos);
  EXPECT_THAT(lines[1], HasSubstr("\"cpu_percent\":"));
  EXPECT_THAT(lines[1], HasSubstr("\"queue_depth\":7"));
  Lines();
  std::this_thread::sleep_for(60ms);
  EXPECT_THAT(Lines(), ElementsAre());
}

TEST_F(ResourcesTest, StoppingDoesNotWaitForTheInterval) {
  const auto begun = std::chrono::steady_clock::now();
  {
    const ResourceSampler sampler({.interval = 1h});
    EXPECT_EQ(WaitForLines(1).size(), 1U) << "the first line comes at once";
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 1min);
}

TEST_F(ResourcesTest, AQueueThatThrowsIsLeftOut) {
  const ResourceSampler sampler({.interval = 1h, .queue_depth = []() -> int64_t { throw 1; }});
  EXPECT_THAT(WaitForLines(1), ElementsAre(testing::Not(HasSubstr("queue_depth"))));
}

}  // namespace
}  // namespace taffrail::events
