#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "taffrail/events/security.h"

namespace taffrail::events {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::steady_clock::time_point;

Time At(std::chrono::nanoseconds since) { return Time(1h + since); }

// REQ E-06
TEST(FailureTracker, TellsAtTheLineAndWhenItHasDoubled) {
  FailureTracker tracker({.failures = 3, .window = 60s});
  std::vector<uint64_t> told;
  for (int i = 0; i < 13; ++i) told.push_back(tracker.record("ann", At(i * 1s)));
  EXPECT_EQ(told, (std::vector<uint64_t>{0, 0, 3, 0, 0, 6, 0, 0, 0, 0, 0, 12, 0}));
}

TEST(FailureTracker, TheWindowSlides) {
  FailureTracker tracker({.failures = 3, .window = 60s});
  EXPECT_EQ(tracker.record("ann", At(0s)), 0U);
  EXPECT_EQ(tracker.record("ann", At(59s)), 0U);
  EXPECT_EQ(tracker.record("ann", At(61s)), 0U) << "the first one is out";
  EXPECT_EQ(tracker.record("bob", At(62s)), 0U) << "another's";
  EXPECT_EQ(tracker.record("ann", At(119s)), 3U) << "59, 61 and 119";
  EXPECT_EQ(tracker.record("ann", At(300s)), 0U) << "quiet again";
  EXPECT_EQ(tracker.record("ann", At(301s)), 0U);
  EXPECT_EQ(tracker.record("ann", At(302s)), 3U) << "and told anew";
}

TEST(FailureTracker, AgreesWithCountingEverything) {
  constexpr int kFailures = 4;
  constexpr auto kWindow = 10s;
  FailureTracker tracker({.failures = kFailures, .window = std::chrono::seconds(kWindow)});
  struct Reference {
    std::vector<Time> times;
    uint64_t running = 0, tell_at = 0;
  };
  std::map<std::string, Reference> references;
  std::mt19937 random(7);
  std::chrono::nanoseconds now{};
  int told = 0;
  for (int i = 0; i < 20'000; ++i) {
    now += std::chrono::milliseconds(random() % 2'000);
    const std::string key = std::to_string(random() % 4);
    Reference& reference = references[key];
    reference.times.push_back(At(now));
    const auto recent =
        std::ranges::count_if(reference.times, [&](Time t) { return At(now) - t <= kWindow; });
    uint64_t expected = 0;
    if (recent < kFailures) {
      reference.running = 0;
    } else {
      reference.running = reference.running == 0 ? kFailures : reference.running + 1;
      if (reference.running == kFailures) reference.tell_at = kFailures;
      if (reference.running == reference.tell_at) {
        expected = reference.running;
        reference.tell_at *= 2;
      }
    }
    ASSERT_EQ(tracker.record(key, At(now)), expected) << i;
    told += expected != 0;
  }
  EXPECT_GT(told, 1'000);
}

TEST(FailureTracker, IsBoundedAndKeepsWhoGoesOn) {
  FailureTracker tracker({.failures = 5, .window = 300s, .keys_max = 100});
  uint64_t told = 0;
  for (int i = 0; i < 10'000; ++i) {
    tracker.record("passer-by " + std::to_string(i) + std::string(1'000, 'x'), At(i * 1ms));
    if (i % 50 == 0) told = std::max(told, tracker.record("attacker", At(i * 1ms)));
  }
  EXPECT_EQ(tracker.keys(), 100U);
  EXPECT_EQ(told, 160U);
}

TEST(FailureTracker, OddPoliciesAreMadeSense) {
  FailureTracker off({.failures = 0});
  FailureTracker one({.failures = 1, .window = 60s, .keys_max = 0});
  FailureTracker many({.failures = 1'000'000, .window = 60s});
  uint64_t told = 0;
  for (int i = 0; i < SuspicionPolicy::kFailuresMax; ++i) {
    EXPECT_EQ(off.record("ann", At(0s)), 0U);
    if (i < 2) {
      EXPECT_EQ(one.record("ann", At(0s)), i == 0 ? 0U : 2U);
    }
    told = many.record("ann", At(0s));
  }
  EXPECT_EQ(told, static_cast<uint64_t>(SuspicionPolicy::kFailuresMax));
}

}  // namespace
}  // namespace taffrail::events
