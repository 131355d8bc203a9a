#include "cmd/handover.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace taffrail::cmd {
namespace {

TEST(Handover, EverythingArrivesInOrder) {
  std::vector<int> seen;
  Handover<int> handover(2, [&seen](int item) {
    seen.push_back(item);
    return absl::OkStatus();
  });
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(handover.Push(i));
  ASSERT_TRUE(handover.Finish().ok());
  ASSERT_EQ(seen.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(seen[static_cast<size_t>(i)], i);
}

TEST(Handover, AnErrorStopsBothSides) {
  std::atomic<int> consumed = 0;
  Handover<int> handover(1, [&consumed](int item) {
    ++consumed;
    return item == 3 ? absl::ResourceExhaustedError("full") : absl::OkStatus();
  });
  int pushed = 0;
  while (pushed < 1000 && handover.Push(pushed)) ++pushed;
  EXPECT_LT(pushed, 1000);
  EXPECT_EQ(handover.Finish().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(handover.Finish().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(consumed, 4);
}

}  // namespace
}  // namespace taffrail::cmd
