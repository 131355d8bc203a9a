#include "base/backoff.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace taffrail::base {
namespace {

TEST(Backoff, StaysBelowACeilingThatGrows) {
  Backoff backoff(Env::Posix(), {.initial_ms = 100, .max_ms = 1000, .multiplier = 2});
  int64_t ceiling_ms = 100;
  for (int i = 0; i < 50; ++i) {
    const int64_t delay_ms = backoff.NextDelayMs();
    EXPECT_GE(delay_ms, 0);
    EXPECT_LE(delay_ms, ceiling_ms);
    ceiling_ms = std::min<int64_t>(ceiling_ms * 2, 1000);
  }
  EXPECT_EQ(backoff.attempts(), 50);
}

TEST(Backoff, JittersOverTheWholeRange) {
  Backoff backoff(Env::Posix(), {.initial_ms = 1000, .max_ms = 1000});
  int64_t low_ms = 1000;
  int64_t high_ms = 0;
  for (int i = 0; i < 200; ++i) {
    const int64_t delay_ms = backoff.NextDelayMs();
    low_ms = std::min(low_ms, delay_ms);
    high_ms = std::max(high_ms, delay_ms);
  }
  EXPECT_LT(low_ms, 200);  // fails once in 10^19 runs
  EXPECT_GT(high_ms, 800);
}

TEST(Backoff, HonoursRetryAfterWithinReason) {
  Backoff backoff(Env::Posix(), {.initial_ms = 10, .max_ms = 10, .retry_after_max_ms = 60'000});
  EXPECT_GE(backoff.NextDelayMs(5'000), 5'000);
  EXPECT_LE(backoff.NextDelayMs(5'000), 5'010);
  EXPECT_LE(backoff.NextDelayMs(86'400'000), 60'010);
  EXPECT_GE(backoff.NextDelayMs(-5), 0);
}

TEST(Backoff, ResetStartsOver) {
  Backoff backoff(Env::Posix(), {.initial_ms = 1, .max_ms = 1'000'000, .multiplier = 1000});
  backoff.NextDelayMs();
  backoff.NextDelayMs();
  backoff.Reset();
  EXPECT_EQ(backoff.attempts(), 0);
  EXPECT_LE(backoff.NextDelayMs(), 1);
}

}  // namespace
}  // namespace taffrail::base
