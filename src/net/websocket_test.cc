#include "net/websocket.h"

#include <gtest/gtest.h>

#include <string>

#include "net/gzip.h"

namespace taffrail::net {
namespace {

std::string Masked(uint8_t first, const std::string& payload) {
  std::string frame = {static_cast<char>(first), static_cast<char>(0x80 | payload.size()), 1, 2, 3, 4};
  for (size_t i = 0; i < payload.size(); ++i) frame += static_cast<char>(payload[i] ^ (1 + i % 4));
  return frame;
}

HttpRequest Upgrade() {
  HttpRequest request;
  request.method = "GET";
  request.headers = {{"Upgrade", "WebSocket"},
                     {"Connection", "keep-alive, Upgrade"},
                     {"Sec-WebSocket-Version", "13"},
                     {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  return request;
}

TEST(WebSocketTest, AcceptsAsTheStandardsExampleDoes) {  // REQ Q-08
  const auto headers = AcceptWebSocket(Upgrade());
  ASSERT_TRUE(headers.ok()) << headers.status();
  EXPECT_EQ(headers->Get("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // RFC 6455 §1.3
}

TEST(WebSocketTest, RefusesWhatIsNoHandshake) {
  HttpRequest request = Upgrade();
  request.headers.Remove("Upgrade");
  EXPECT_EQ(HttpStatusOf(AcceptWebSocket(request).status()), 400);
  request = Upgrade();
  request.headers.Set("Sec-WebSocket-Version", "8");
  EXPECT_EQ(HttpStatusOf(AcceptWebSocket(request).status()), 426);
  request = Upgrade();
  request.headers.Set("Sec-WebSocket-Key", "short");
  EXPECT_EQ(HttpStatusOf(AcceptWebSocket(request).status()), 400);
}

TEST(WebSocketTest, FramesOfEverySize) {
  EXPECT_EQ(WebSocketText("hi"), std::string("\x81\x02hi"));
  EXPECT_EQ(WebSocketText(std::string(200, 'x')).substr(0, 4), std::string("\x81\x7e\x00\xc8", 4));
  EXPECT_EQ(WebSocketText(std::string(70000, 'x')).substr(0, 10),
            std::string("\x81\x7f\x00\x00\x00\x00\x00\x01\x11\x70", 10));
  EXPECT_EQ(WebSocketClose(1000, "bye"), std::string("\x88\x05\x03\xe8", 4) + "bye");
}

TEST(WebSocketTest, WhatClientsSay) {
  std::string input = Masked(0x89, "are you there") + Masked(0x81, "data") + Masked(0x89, "x");
  std::string reply;
  const std::string whole = input;
  for (size_t cut = 0; cut < whole.size(); ++cut) {  // in any two pieces
    reply.clear();
    input = whole.substr(0, cut);
    ASSERT_TRUE(TakeClientFrames(input, reply));
    input += whole.substr(cut);
    ASSERT_TRUE(TakeClientFrames(input, reply));
    EXPECT_EQ(reply,
              "\x8a\x0d"
              "are you there"
              "\x8a\x01x");
    EXPECT_TRUE(input.empty());
  }
  reply.clear();
  input = Masked(0x88, "");
  EXPECT_FALSE(TakeClientFrames(input, reply));
  EXPECT_EQ(reply, WebSocketClose(1000, ""));
}

TEST(WebSocketTest, BreachesOfTheProtocolEndIt) {
  for (const std::string& bad : {std::string("\x81\x02hi"), Masked(0xf1, "x"), Masked(0x09, "x"),
                                 std::string("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04")}) {
    std::string input = bad;
    std::string reply;
    EXPECT_FALSE(TakeClientFrames(input, reply));
    EXPECT_EQ(reply[0], '\x88');
  }
}

TEST(GzipTest, WhoTakesIt) {  // REQ Q-08
  const auto accepts = [](const char* value) { return AcceptsGzip(Headers{{"Accept-Encoding", value}}); };
  EXPECT_TRUE(accepts("gzip"));
  EXPECT_TRUE(accepts("br;q=1.0, GZIP;q=0.8"));
  EXPECT_TRUE(accepts("*"));
  EXPECT_FALSE(accepts("gzip;q=0"));
  EXPECT_FALSE(accepts("gzip; q=0.000"));
  EXPECT_FALSE(accepts("identity"));
  EXPECT_FALSE(AcceptsGzip(Headers{}));
  EXPECT_EQ(GzipCompress(std::string(100000, 'x')).substr(0, 2), "\x1f\x8b");
}

}  // namespace
}  // namespace taffrail::net
