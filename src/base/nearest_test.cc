#include "base/nearest.h"

#include <gtest/gtest.h>

#include <string>

namespace taffrail::base {
namespace {

constexpr std::string_view kChoices[] = {"level", "levels", "layout", "queue"};

TEST(Nearest, FindsTheOneWithTheFewestSlips) {
  EXPECT_EQ(Nearest("lvel", kChoices), "level");
  EXPECT_EQ(Nearest("levles", kChoices), "levels");
  EXPECT_EQ(Nearest("layuot", kChoices), "layout");
}

TEST(Nearest, NothingIsNearToAnotherWord) {
  EXPECT_EQ(Nearest("xyzzy", kChoices), "");
  EXPECT_EQ(Nearest("", kChoices), "");
  EXPECT_EQ(Nearest(std::string(1'000'000, 'l'), kChoices), "");
  constexpr std::string_view kShort[] = {"db"};
  EXPECT_EQ(Nearest("os", kShort), "");
}

TEST(EditDistance, CountsSlips) {
  EXPECT_EQ(EditDistance("", "abc"), 3U);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3U);
  EXPECT_EQ(EditDistance("same", "same"), 0U);
}

}  // namespace
}  // namespace taffrail::base
