#include "base/network.h"

#include <gtest/gtest.h>

namespace taffrail::base {
namespace {

TEST(NetworkTest, Blocks) {  // REQ Q-06
  EXPECT_TRUE(Network::Parse("192.168.1.64/26")->Contains("192.168.1.127"));
  EXPECT_FALSE(Network::Parse("192.168.1.64/26")->Contains("192.168.1.128"));
  EXPECT_TRUE(Network::Parse("0.0.0.0/0")->Contains("255.1.2.3"));
  EXPECT_FALSE(Network::Parse("0.0.0.0/0")->Contains("2001:db8::1"));
  EXPECT_TRUE(Network::Parse("::1")->Contains("0:0:0:0:0:0:0:1"));
  EXPECT_FALSE(Network::Parse("10.0.0.0/8")->Contains("10.0.0.0.1"));
  for (const char* bad : {"", "10.0.0.0/33", "10.0.0/8", "x", "10.0.0.0/", "::/129", "10.0.0.0/+8"}) {
    EXPECT_FALSE(Network::Parse(bad)) << bad;
  }
}

TEST(AddressTextTest, IsTheShortestAndComesBack) {
  const std::pair<const char*, const char*> kCases[] = {{"192.0.2.1", "192.0.2.1"},
                                                        {"::ffff:192.0.2.1", "192.0.2.1"},
                                                        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
                                                        {"::", "::"}};
  for (const auto& [text, expected] : kCases) {
    const std::optional<Address> address = ParseAddress(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(AddressText(*address), expected);
    EXPECT_EQ(ParseAddress(AddressText(*address)), address);
  }
}

}  // namespace
}  // namespace taffrail::base
