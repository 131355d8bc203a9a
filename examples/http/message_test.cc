#include "http/message.h"

#include <gtest/gtest.h>

namespace examples::http {
namespace {

using Form = std::map<std::string, std::string>;

TEST(Headers, AreFoundWhateverTheirCase) {
  Headers headers;
  headers.Add("x-request-ID", "first");
  headers.Add("X-Request-Id", "second");
  EXPECT_EQ(headers.Get("X-REQUEST-ID"), "first");
  EXPECT_EQ(headers.Get("X-Request"), "");
}

TEST(Target, IsSplitAndDecoded) {
  std::string path;
  Form query;
  ASSERT_TRUE(SplitTarget("/a%20b?x=1&y=%C3%BC+z&empty=&&flag", &path, &query));
  EXPECT_EQ(path, "/a%20b");  // the router decodes segments, after it has split them
  EXPECT_EQ(query, (Form{{"x", "1"}, {"y", "ü z"}, {"empty", ""}, {"flag", ""}}));
  EXPECT_FALSE(SplitTarget("/a?x=%zz", &path, &query));
  EXPECT_FALSE(SplitTarget("/a?x=%1", &path, &query));
}

TEST(Percent, DecodingUndoesEncoding) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    all.push_back(static_cast<char>(byte));
  }
  EXPECT_EQ(PercentDecode(PercentEncode(all), true), all);
  EXPECT_EQ(PercentEncode("a b&c=ü"), "a%20b%26c%3D%C3%BC");
}

Request From(const std::string& peer, const std::string& forwarded) {
  Request request;
  request.peer_address = peer;
  request.headers.Add("X-Forwarded-For", forwarded);
  return request;
}

// REQ E-01
TEST(ClientAddress, TrustsOnlyAProxyOnThisMachine) {
  EXPECT_EQ(ClientAddress(From("127.0.0.1", "192.0.2.7")), "192.0.2.7");
  EXPECT_EQ(ClientAddress(From("::1", "2001:db8::1")), "2001:db8::1");
  EXPECT_EQ(ClientAddress(From("203.0.113.5", "192.0.2.7")), "203.0.113.5");
}

TEST(ClientAddress, IsTheLastHopWhichTheProxySaw) {
  EXPECT_EQ(ClientAddress(From("127.0.0.1", "10.9.9.9, 192.0.2.7")), "192.0.2.7");
}

TEST(ClientAddress, IsNeverWhatCannotBeAnAddress) {
  EXPECT_EQ(ClientAddress(From("127.0.0.1", "<script>")), "127.0.0.1");
  EXPECT_EQ(ClientAddress(From("127.0.0.1", std::string(46, '1'))), "127.0.0.1");
  EXPECT_EQ(ClientAddress(From("127.0.0.1", "192.0.2.7,")), "127.0.0.1");
}

}  // namespace
}  // namespace examples::http
