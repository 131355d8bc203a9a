#include "store/open_ahead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace taffrail::store {
namespace {

OpenedRows OneRow(uint32_t row) { return {nullptr, {row}}; }

TEST(OpenAhead, GivesEachSourceItsOwnRowsHoweverItIsAskedFor) {
  for (const unsigned helpers : {0U, 1U, 3U}) {
    std::atomic<int> opened = 0;
    OpenAhead ahead(50, helpers, [&](size_t i, OpenedRows& rows) {
      ++opened;
      rows = OneRow(static_cast<uint32_t>(i));
      return i == 30 ? absl::DataLossError("thirty") : absl::OkStatus();
    });
    for (const size_t i : {0, 1, 2, 5, 4, 3, 30, 10, 49}) {
      OpenedRows rows;
      EXPECT_EQ(ahead.Take(i, rows).ok(), i != 30);
      EXPECT_EQ(rows.rows, expr::Selection{static_cast<uint32_t>(i)});
    }
    EXPECT_GE(opened, 9);
  }
}

TEST(OpenAhead, WhoWaitsForAHelperOpensTheNextMeanwhile) {  // REQ Q-07
  const std::thread::id caller = std::this_thread::get_id();
  absl::Notification two_is_open;
  bool in_time = true;
  OpenAhead ahead(4, /*helpers=*/1, [&](size_t i, OpenedRows& rows) {
    const bool by_caller = std::this_thread::get_id() == caller;
    // Whoever comes first has the second source. If that is the helper, the third is the caller's to open.
    if (i == 1 && !by_caller) in_time = two_is_open.WaitForNotificationWithTimeout(absl::Seconds(60));
    if (i == 2) two_is_open.Notify();
    rows = OneRow(static_cast<uint32_t>(i));
    return absl::OkStatus();
  });
  OpenedRows rows;
  for (const size_t i : {0, 1, 2, 3}) ASSERT_TRUE(ahead.Take(i, rows).ok());
  EXPECT_TRUE(in_time);
}

}  // namespace
}  // namespace taffrail::store
