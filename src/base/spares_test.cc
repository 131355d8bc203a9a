#include "base/spares.h"

#include <gtest/gtest.h>

#include <numeric>
#include <thread>
#include <vector>

namespace taffrail::base {
namespace {

TEST(SparesTest, WhatThreadsCountedIsAllThere) {
  Spares<int> spares([] { return std::make_unique<int>(0); });
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&spares] {
      for (int i = 0; i < 1000; ++i) {
        std::unique_ptr<int> count = spares.Take();
        ++*count;
        spares.Give(std::move(count));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<std::unique_ptr<int>> all = spares.TakeAll();
  EXPECT_LE(all.size(), threads.size());
  EXPECT_EQ(std::accumulate(all.begin(), all.end(), 0, [](int sum, const auto& each) { return sum + *each; }),
            4000);
  EXPECT_TRUE(spares.TakeAll().empty());
}

}  // namespace
}  // namespace taffrail::base
