#include "taffrail/events/request_stats.h"

#include <sys/mman.h>

#include <cstring>
#include <random>
#include <thread>

#include "events/logged_for_tests.h"
#include "events/process_memory.h"

namespace taffrail::events {
namespace {

using namespace std::chrono_literals;

class RequestStatsTest : public LoggedTest {};

TEST_F(RequestStatsTest, NothingIsCountedOutsideOfARequest) {
  const RequestStats stats;
  count_database_query(1ms);
  EXPECT_EQ(stats.totals().database_queries, 0U);
}

// REQ E-01
TEST_F(RequestStatsTest, CountsInScopesAndOnThreadsThatCarryTheContext) {
  const RequestStats stats;
  {
    const RequestStatsScope scope(stats);
    count_database_query(1ms);
    const Scope inner({{"user_id", "usr_1"}});
    count_database_query(2ms);
    std::thread(wrap([] { count_database_query(4ms); })).join();
    std::thread([] { count_database_query(8ms); }).join();  // does not carry it
  }
  count_database_query(16ms);
  EXPECT_EQ(stats.totals().database_queries, 3U);
  EXPECT_EQ(stats.totals().database_time, 7ms);
}

TEST_F(RequestStatsTest, RequestsThatTakeTurnsOnThreadsKeepTheirOwn) {
  constexpr int kRequests = 100, kThreads = 4, kSteps = 5'000;
  struct Request {
    RequestStats stats;
    Context context;
    std::atomic<uint64_t> expected{0};
  };
  std::vector<Request> requests(kRequests);
  for (Request& request : requests) {
    const RequestStatsScope scope(request.stats);
    const Scope fields({{"request_id", "r"}});
    request.context = capture();
  }
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&requests, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      for (int i = 0; i < kSteps; ++i) {
        Request& request = requests[random() % kRequests];
        const Attach attach(request.context);
        count_database_query(1us);
        request.expected.fetch_add(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Request& request : requests) {
    EXPECT_EQ(request.stats.totals().database_queries, request.expected.load());
    EXPECT_EQ(request.stats.totals().database_time, request.expected.load() * 1us);
  }
}

TEST_F(RequestStatsTest, AnInnerRequestCountsForItself) {
  const RequestStats outer;
  const RequestStatsScope outer_scope(outer);
  {
    const RequestStats inner;
    const RequestStatsScope inner_scope(inner);
    count_database_query(1ms);
    EXPECT_EQ(inner.totals().database_queries, 1U);
  }
  EXPECT_EQ(outer.totals().database_queries, 0U);
}

TEST_F(RequestStatsTest, TheContextOutlivesTheStats) {
  Context context;
  {
    const RequestStats stats;
    const RequestStatsScope scope(stats);
    context = capture();
  }
  const Attach attach(context);
  count_database_query(1ms);  // counted for nobody, and harms nobody
}

TEST_F(RequestStatsTest, SeesTheMemoryThatARequestTook) {
  std::this_thread::sleep_for(2ms);  // RecentRss() is up to a millisecond old
  const RequestStats stats;
  EXPECT_GT(stats.totals().rss_start_bytes, int64_t{1} << 20);
  constexpr size_t kBytes = size_t{64} << 20;
  void* memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  std::memset(memory, 1, kBytes);
  std::this_thread::sleep_for(2ms);
  EXPECT_GT(stats.totals().rss_delta_bytes, static_cast<int64_t>(kBytes * 3 / 4));
  munmap(memory, kBytes);
  std::this_thread::sleep_for(2ms);
  EXPECT_LT(stats.totals().rss_delta_bytes, static_cast<int64_t>(kBytes / 2));

  Init({.memory_metrics = false});
  EXPECT_EQ(RequestStats().totals().rss_start_bytes, 0);
}

TEST(ProcessMemory, ThreadsAskTogether) {
  std::vector<std::thread> threads;
  std::atomic<int64_t> least{INT64_MAX};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&least] {
      for (int i = 0; i < 10'000; ++i) {
        const int64_t rss = RecentRss();
        if (rss < least.load()) least.store(rss);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(least.load(), 0);
}

}  // namespace
}  // namespace taffrail::events
