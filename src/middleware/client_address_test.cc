#include "middleware/client_address.h"

#include <gtest/gtest.h>

namespace taffrail::middleware {
namespace {

struct Case {
  ProxyHeader kind = ProxyHeader::kXForwardedFor;
  std::vector<std::string> trusted = {"10.0.0.0/8", "::1", "2001:db8:1::/48"};
};

std::string Find(std::string_view peer, std::vector<Header> headers, const Case& how = {}) {
  ClientAddress address;
  EXPECT_TRUE(address.Configure(how.trusted, how.kind).ok());
  return address.Find(peer, headers);
}
std::string FindForwardedFor(std::string_view peer, std::string_view value) {
  return Find(peer, {{"X-Forwarded-For", value}});
}
std::string FindForwarded(std::string_view value) {
  return Find("10.0.0.1", {{"Forwarded", value}}, {.kind = ProxyHeader::kForwarded});
}

TEST(ClientAddress, IsThePeerUnlessThatIsTrusted) {  // REQ E-01
  EXPECT_EQ(FindForwardedFor("203.0.113.5:4711", "192.0.2.7"), "203.0.113.5");
  EXPECT_EQ(FindForwardedFor("10.0.0.1:4711", "192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(FindForwardedFor("[::1]:80", "2001:DB8::7"), "2001:db8::7");
  EXPECT_EQ(FindForwardedFor("::ffff:10.0.0.1", "192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(Find("10.0.0.1", {{"X-Forwarded-For", "192.0.2.7"}}, {.trusted = {}}), "10.0.0.1");
  EXPECT_EQ(Find("10.0.0.1", {}), "10.0.0.1");
}

TEST(ClientAddress, IsTheFirstStrangerFromTheRight) {  // REQ E-01
  EXPECT_EQ(FindForwardedFor("10.0.0.1", "198.51.100.66, 192.0.2.7, 10.9.9.9"), "192.0.2.7");
  EXPECT_EQ(FindForwardedFor("10.0.0.1", "10.1.1.1,\t10.9.9.9 "), "10.1.1.1");  // all ours: the leftmost
  EXPECT_EQ(FindForwardedFor("10.0.0.1", "192.0.2.7:51234"), "192.0.2.7");
  EXPECT_EQ(FindForwardedFor("10.0.0.1", "[2001:db8::7]:443"), "2001:db8::7");
  EXPECT_EQ(FindForwardedFor("10.0.0.1", "192.0.2.7, 2001:db8:1::5"), "192.0.2.7");
}

TEST(ClientAddress, SeveralHeadersAreOneList) {
  EXPECT_EQ(Find("10.0.0.1", {{"x-forwarded-for", "198.51.100.66"},
                              {"Other", "x"},
                              {"X-FORWARDED-FOR", "192.0.2.7, 10.3.3.3"}}),
            "192.0.2.7");
  EXPECT_EQ(Find("10.0.0.1", {{"X-Forwarded-For", "192.0.2.7"}, {"X-Forwarded-For", "10.3.3.3"}}),
            "192.0.2.7");
}

TEST(ClientAddress, GarbageEndsTheWalkAtTheLastKnownHop) {
  for (const char* garbage : {"", " ", ",", "unknown", "<script>", "192.0.2.7,", "192.0.2.256", "192.0.2.7:x",
                              "192.0.2.7:123456", "[192.0.2.7]", "[::1", "1.2.3.4 5.6.7.8", "\x01", "\xff"}) {
    EXPECT_EQ(FindForwardedFor("10.0.0.1", garbage), "10.0.0.1") << garbage;
  }
  EXPECT_EQ(FindForwardedFor("10.0.0.1", "192.0.2.7, x, 10.2.2.2"), "10.2.2.2");
}

TEST(ClientAddress, OnlyTheConfiguredHeaderCounts) {
  const std::vector<Header> all = {
      {"X-Forwarded-For", "192.0.2.1"}, {"Forwarded", "for=192.0.2.2"}, {"X-Real-IP", "192.0.2.3"}};
  EXPECT_EQ(Find("10.0.0.1", all), "192.0.2.1");
  EXPECT_EQ(Find("10.0.0.1", all, {.kind = ProxyHeader::kForwarded}), "192.0.2.2");
  EXPECT_EQ(Find("10.0.0.1", all, {.kind = ProxyHeader::kXRealIp}), "192.0.2.3");
  EXPECT_EQ(Find("203.0.113.1", all, {.kind = ProxyHeader::kXRealIp}), "203.0.113.1");
}

TEST(ClientAddress, Forwarded) {  // REQ E-01
  EXPECT_EQ(FindForwarded("for=192.0.2.60;proto=http;by=203.0.113.43"), "192.0.2.60");
  EXPECT_EQ(FindForwarded("For=\"[2001:db8:cafe::17]:4711\""), "2001:db8:cafe::17");
  EXPECT_EQ(FindForwarded("for=198.51.100.66, for=192.0.2.43;host=\"a,b;c\", for=10.4.4.4"), "192.0.2.43");
  for (const char* garbage : {"for=unknown", "for=_hidden", "proto=https", "for=", "for=\"1.2.3.4",
                              "for=\"1.2.3.\\4\"", "for=1.2.3.4;for=5.6.7.8", "1.2.3.4"}) {
    EXPECT_EQ(FindForwarded(garbage), "10.0.0.1") << garbage;
  }
  // A quote that the client left open does not swallow what our proxy appended.
  EXPECT_EQ(FindForwarded("for=\"198.51.100.66, for=192.0.2.43"), "192.0.2.43");
}

TEST(ClientAddress, APeerWithoutAnAddress) {
  EXPECT_EQ(FindForwardedFor("", "192.0.2.7"), "");
  EXPECT_EQ(FindForwardedFor("/run/app.sock", "192.0.2.7"), "");
  EXPECT_EQ(Find("", {{"X-Forwarded-For", "192.0.2.7"}}, {.trusted = {"unix"}}), "192.0.2.7");
  EXPECT_EQ(FindForwardedFor("fe80::1%eth0", "x"), "fe80::1");
}

// Ten thousand hops that all claim to be ours, and a header of a mebibyte, cost next to nothing.
TEST(ClientAddress, TheWalkIsBounded) {
  std::string chain = "192.0.2.7";
  for (int i = 0; i < 10'000; ++i) chain += ", 10.0.0.7";
  EXPECT_EQ(FindForwardedFor("10.0.0.1", chain), "10.0.0.7");
  EXPECT_EQ(FindForwardedFor("10.0.0.1", std::string(1 << 20, 'x')), "10.0.0.1");
  EXPECT_EQ(FindForwardedFor("10.0.0.1", "192.0.2.7," + std::string(1 << 20, ' ')), "10.0.0.1");
  EXPECT_EQ(FindForwardedFor("10.0.0.1", std::string(1 << 20, ',')), "10.0.0.1");
}

TEST(ClientAddress, BadConfigurationIsNamedAndTheRestHolds) {
  ClientAddress address;
  const absl::Status status = address.Configure({"10.0.0.0/8", "10.0.0.0/33"}, ProxyHeader::kXForwardedFor);
  EXPECT_NE(status.message().find("10.0.0.0/33"), std::string_view::npos);
  const Header header{"X-Forwarded-For", "192.0.2.7"};
  EXPECT_EQ(address.Find("10.0.0.1", std::span(&header, 1)), "192.0.2.7");
}

}  // namespace
}  // namespace taffrail::middleware
