#include "net/url.h"

#include <gtest/gtest.h>

namespace taffrail::net {
namespace {

TEST(PercentEncode, LeavesOnlyUnreservedBytes) {
  EXPECT_EQ(PercentEncode("az-09._~"), "az-09._~");
  EXPECT_EQ(PercentEncode("a b/ü&"), "a%20b%2F%C3%BC%26");
}

TEST(PercentDecode, UndoesEveryByte) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(PercentDecode(PercentEncode(all)).value(), all);
  EXPECT_EQ(PercentDecode("a+b%2b%2B").value(), "a+b++");
}

TEST(PercentDecode, RefusesBadEscapes) {
  for (const char* bad : {"%", "a%2", "%zz", "%2g", "%%41"}) {
    const auto result = PercentDecode(bad);
    ASSERT_FALSE(result.ok()) << bad;
    EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(QueryParameters, KeepOrderAndRepeatedNames) {
  const auto query = QueryParameters::Parse("a=1&b=&c&&a=2%263+x&=v").value();
  ASSERT_EQ(query.size(), 5U);
  EXPECT_EQ(query.Get("a"), "1");
  EXPECT_EQ(query.GetAll("a"), (std::vector<std::string_view>{"1", "2&3 x"}));
  EXPECT_TRUE(query.Has("b"));
  EXPECT_TRUE(query.Has("c"));
  EXPECT_EQ(query.Get("d", "none"), "none");
  EXPECT_EQ(query.Get(""), "v");
}

TEST(QueryParameters, BuildAndParseAreInverse) {
  QueryParameters query;
  query.Add("q", "level:ERROR & \"a=b\" +50% ü");
  query.Add("q", "");
  query.Add("from", "-15m");
  EXPECT_EQ(QueryParameters::Parse(query.Build()).value(), query);
}

TEST(RequestTarget, TakesEveryForm) {
  const auto origin = ParseRequestTarget("/a%20b/c%2Fd?x=1").value();
  EXPECT_EQ(origin.path, "/a b/c/d");
  EXPECT_EQ(origin.raw_path, "/a%20b/c%2Fd");
  EXPECT_EQ(origin.raw_query, "x=1");
  EXPECT_EQ(origin.query.Get("x"), "1");
  EXPECT_EQ(ParseRequestTarget("HTTP://host:80/p?q=2").value().path, "/p");
  EXPECT_EQ(ParseRequestTarget("http://host").value().path, "/");
  EXPECT_EQ(ParseRequestTarget("http://host?q=2").value().query.Get("q"), "2");
  EXPECT_EQ(ParseRequestTarget("*").value().path, "*");
  EXPECT_EQ(ParseRequestTarget("/p#f").value().path, "/p");
}

TEST(RequestTarget, RefusesWhatIsNone) {
  for (const char* bad :
       {"", "p", "host:443", "ftp://host/p", "http://", "http:///p", "/a%00b", "/%", "/?q=%1"}) {
    EXPECT_FALSE(ParseRequestTarget(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace taffrail::net
