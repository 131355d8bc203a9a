#include "task_service/failed_logins.h"

#include <gtest/gtest.h>

namespace task_service {
namespace {

using std::chrono::seconds;

// REQ E-06
TEST(FailedLogins, AreCountedByAddressWithinTheWindow) {
  FailedLogins logins;
  const auto start = FailedLogins::Clock::time_point{} + seconds(1000);
  for (int i = 1; i <= 5; ++i) {
    EXPECT_EQ(logins.Record("192.0.2.1", start + seconds(i)), i);
  }
  EXPECT_EQ(logins.Record("192.0.2.2", start + seconds(6)), 1);
  // The first two of the five have left the window.
  EXPECT_EQ(
      logins.Record("192.0.2.1", start + seconds(2) + FailedLogins::kWindow + std::chrono::milliseconds(1)),
      4);
}

TEST(FailedLogins, MemoryIsBoundedWhenAddressesAreNot) {
  FailedLogins logins;
  const auto start = FailedLogins::Clock::time_point{} + seconds(1000);
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_EQ(logins.Record(std::to_string(i), start), 1);
  }
  EXPECT_EQ(logins.Record("one more", start), 1);
  EXPECT_EQ(logins.Record("one more", start), 1);  // it is not kept …
  EXPECT_EQ(logins.Record("7", start), 2);         // … but those that are there are counted on
  const auto later = start + FailedLogins::kWindow + seconds(1);
  EXPECT_EQ(logins.Record("one more", later), 1);
  EXPECT_EQ(logins.Record("one more", later), 2);  // the old ones have made room
}

}  // namespace
}  // namespace task_service
