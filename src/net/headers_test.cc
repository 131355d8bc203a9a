#include "net/headers.h"

#include <gtest/gtest.h>

namespace taffrail::net {
namespace {

TEST(Headers, AreLookedUpWithoutRegardToCase) {
  const Headers headers = {{"Content-Type", "text/plain"}, {"X-A", "1"}, {"x-a", "2"}};
  EXPECT_EQ(headers.Get("content-TYPE"), "text/plain");
  EXPECT_EQ(headers.Get("X-a"), "1");
  EXPECT_EQ(headers.Get("X-B", "none"), "none");
  EXPECT_FALSE(headers.Has("X"));
}

TEST(Headers, SetReplacesEveryFieldOfTheName) {
  Headers headers = {{"X-A", "1"}, {"Other", "o"}, {"x-a", "2"}};
  headers.Set("X-A", "3");
  EXPECT_EQ(headers.size(), 2U);
  EXPECT_EQ(headers.Get("x-a"), "3");
}

TEST(Headers, TokensAreFoundInListsAcrossLinesAndParametersAreSkipped) {
  const Headers headers = {
      {"Accept-Encoding", "gzip;q=0.5, br"}, {"Accept-Encoding", "ZSTD"}, {"Connection", ",close ,"}};
  EXPECT_TRUE(headers.HasToken("accept-encoding", "gzip"));
  EXPECT_TRUE(headers.HasToken("accept-encoding", "zstd"));
  EXPECT_FALSE(headers.HasToken("accept-encoding", "b"));
  EXPECT_TRUE(headers.HasToken("Connection", "close"));
  EXPECT_FALSE(headers.HasToken("Connection", "keep-alive"));
}

}  // namespace
}  // namespace taffrail::net
