// What happens when a thread's queue is full: a sink that takes nothing until it is told to.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "taffrail/config.h"
#include "taffrail/context.h"
#include "taffrail/log.h"

namespace taffrail {
namespace {

class Gate : public Sink {
 public:
  bool write(const Batch& batch) override {
    open_.wait(false);
    for (const Entry& entry : batch.entries) lines_.emplace_back(entry.line);
    return true;
  }
  void Open() {
    open_.store(true);
    open_.notify_all();
  }
  // REQUIRES: flushed.
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::atomic<bool> open_{false};
  std::vector<std::string> lines_;
};

class PolicyTest : public testing::Test {
 protected:
  void Init(QueuePolicy policy, size_t queue_bytes) {
    Config config;
    config.queue_policy = policy;
    config.queue_bytes = queue_bytes;
    config.sinks = {{gate_, Level::kTrace, "nested"}};
    init(config);
  }
  void TearDown() override { init({}); }

  // The numbers of the lines that got through, in order.
  std::vector<int> Numbers() {
    gate_->Open();
    EXPECT_TRUE(flush(20'000));
    std::vector<int> numbers;
    for (const std::string& line : gate_->lines()) {
      const size_t at = line.find("\"n\":");
      if (at != std::string::npos) numbers.push_back(std::atoi(line.c_str() + at + 4));
    }
    return numbers;
  }

  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  const Logger log_{"policy"};
};

constexpr int kLines = 20'000;
constexpr size_t kSmall = size_t{64} << 10;

// REQ L-09
TEST_F(PolicyTest, DropOldestKeepsTheLatestInOrderAndCountsTheRest) {
  Init(QueuePolicy::kDropOldest, kSmall);
  const uint64_t dropped_before = stats().lines_dropped_full;
  std::jthread([this] {
    for (int i = 0; i < kLines; ++i) {
      const Scope scope(
          {{"i", i}});  // whose end travels through the queue, and must not be lost with the lines
      log_.info("line", kv("n", i));
    }
  }).join();
  const std::vector<int> numbers = Numbers();
  ASSERT_FALSE(numbers.empty());
  EXPECT_EQ(numbers.back(), kLines - 1);
  EXPECT_LT(numbers.size(), size_t{kLines} / 2);
  EXPECT_TRUE(std::ranges::is_sorted(numbers));
  EXPECT_EQ(numbers.size() + (stats().lines_dropped_full - dropped_before), size_t{kLines});
}

// REQ L-09
TEST_F(PolicyTest, DropOldestBesideABackendThatReadsLosesNothingUncounted) {
  constexpr int kThreads = 4;
  Init(QueuePolicy::kDropOldest, kSmall);
  gate_->Open();
  const uint64_t dropped_before = stats().lines_dropped_full;
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < kLines; ++i) {
        const Scope scope({{"i", i}});
        log_.info("line", kv("n", t * kLines + i));
        if (i % 500 == 0)
          log_.info("large", kv("text", std::string(kSmall / 2, 'x')));  // outside of the ring
      }
    });
  }
  threads.clear();
  const std::vector<int> numbers = Numbers();
  const size_t large = static_cast<size_t>(std::ranges::count_if(
      gate_->lines(), [](const std::string& line) { return line.find("\"large\"") != std::string::npos; }));
  EXPECT_EQ(numbers.size() + large + (stats().lines_dropped_full - dropped_before),
            size_t{kThreads} * (kLines + kLines / 500));
  std::vector<int> last(kThreads, -1);
  for (const int n : numbers) {
    EXPECT_LT(last[static_cast<size_t>(n / kLines)], n);
    last[static_cast<size_t>(n / kLines)] = n;
  }
}

// REQ L-10
TEST_F(PolicyTest, AScopeThatEndsAfterAShutdownInVainLivesAsLongAsItsLines) {
  Init(QueuePolicy::kDropNewest, kSmall);
  std::jthread([this] {
    const Scope scope({{"i", "a text that does not fit into the string itself"}});
    for (int i = 0; i < kLines; ++i) log_.info("line");  // there is no room left for the scope's end
    EXPECT_FALSE(shutdown(10));
  }).join();
  Numbers();
  ASSERT_FALSE(gate_->lines().empty());
  for (const std::string& line : gate_->lines()) {
    if (line.find("\"policy\"") == std::string::npos) continue;  // "Log lines dropped"
    ASSERT_NE(line.find("\"i\":\"a text that does not fit into the string itself\""), std::string::npos)
        << line;
  }
}

TEST_F(PolicyTest, DropNewestKeepsTheFirst) {
  Init(QueuePolicy::kDropNewest, kSmall);
  const uint64_t dropped_before = stats().lines_dropped_full;
  std::jthread([this] {
    for (int i = 0; i < kLines; ++i) log_.info("line", kv("n", i));
  }).join();
  const std::vector<int> numbers = Numbers();
  ASSERT_FALSE(numbers.empty());
  EXPECT_EQ(numbers.front(), 0);
  EXPECT_EQ(numbers.size() + (stats().lines_dropped_full - dropped_before), size_t{kLines});
}

TEST_F(PolicyTest, GrowTakesABurstWithoutWaitingAndInOrder) {
  Init(QueuePolicy::kGrow, kSmall);
  const uint64_t blocked_before = stats().calls_blocked;
  std::jthread([this] {
    for (int i = 0; i < kLines; ++i) log_.info("line", kv("n", i));
  }).join();  // with the gate still shut
  const std::vector<int> numbers = Numbers();
  ASSERT_EQ(numbers.size(), size_t{kLines});
  EXPECT_TRUE(std::ranges::is_sorted(numbers));
  EXPECT_EQ(stats().calls_blocked, blocked_before);
}

TEST_F(PolicyTest, GrowEndsAtItsBoundAndThenWaits) {
  Config config;
  config.queue_policy = QueuePolicy::kGrow;
  config.queue_bytes = kSmall;
  config.queue_bytes_max = 4 * kSmall;
  config.sinks = {{gate_, Level::kTrace, "nested"}};
  init(config);
  const uint64_t blocked_before = stats().calls_blocked;
  std::jthread producer([this] {
    for (int i = 0; i < kLines; ++i) log_.info("line", kv("n", i));
  });
  while (stats().calls_blocked == blocked_before) std::this_thread::yield();
  gate_->Open();
  producer.join();
  EXPECT_EQ(Numbers().size(), size_t{kLines});
}

// REQ L-09 F-02
TEST_F(PolicyTest, AThreadThatLogsLittleStaysAtTheFrontOfItsRing) {
  Init(QueuePolicy::kBlock, 4 * kSmall);
  gate_->Open();
  constexpr int kCalls = 2'000;  // of 48 bytes or more: a third of the ring, had it gone on
  uint64_t furthest = 0;
  std::jthread([&] {
    for (int i = 0; i < kCalls; ++i) {
      log_.info("line", kv("n", i));
      const detail::ThreadQueue& queue = *detail::thread_queue;
      furthest = std::max(furthest, queue.tail.load_relaxed() & (queue.capacity - 1));
      flush(20'000);
    }
  }).join();
  const std::vector<int> numbers = Numbers();
  ASSERT_EQ(numbers.size(), size_t{kCalls});
  EXPECT_TRUE(std::ranges::is_sorted(numbers));
  EXPECT_LT(furthest, kSmall / 2);
}

}  // namespace
}  // namespace taffrail
