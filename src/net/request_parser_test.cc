#include "net/request_parser.h"

#include <gtest/gtest.h>

#include "net/problem.h"

namespace taffrail::net {
namespace {

struct Parsed {
  absl::Status status;
  bool done = false;
  RequestHead head;
  std::string body;
  std::string rest;  // not consumed
};

// Feeds text in pieces the way a connection does: what is not consumed comes again with the next piece.
Parsed Parse(std::string_view text, size_t piece_bytes, size_t max_header_bytes = 64 << 10) {
  Parsed parsed;
  RequestParser parser(max_header_bytes);
  while (true) {
    const auto used = parser.Feed(parsed.rest, parsed.body);
    parsed.status = used.status();
    if (!used.ok()) break;
    parsed.rest.erase(0, *used);
    if (parser.done()) break;
    if (*used > 0) continue;
    if (text.empty()) break;
    parsed.rest += text.substr(0, piece_bytes);
    text.remove_prefix(std::min(piece_bytes, text.size()));
  }
  parsed.rest += text;
  parsed.done = parsed.status.ok() && parser.done();
  if (parser.head_done()) parsed.head = parser.head();
  return parsed;
}

int HttpStatus(std::string_view text) {
  const Parsed parsed = Parse(text, 1 << 20);
  return HttpStatusOf(parsed.status);
}

TEST(RequestParser, AnyChunkingGivesTheSame) {
  const std::string text =
      "\r\nPOST /a?b=1 HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;ext=\"q\"\r\nhello\r\n10\r\n, this is a body\r\n0\r\nX-Trailer: t\r\n\r\nGET / HTTP/1.1\r\n";
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    const Parsed parsed = Parse(text, piece);
    ASSERT_TRUE(parsed.done) << piece << parsed.status;
    EXPECT_EQ(parsed.head.method, "POST");
    EXPECT_EQ(parsed.head.target, "/a?b=1");
    EXPECT_EQ(parsed.head.headers.Get("x-a"), "1");
    EXPECT_FALSE(parsed.head.headers.Has("X-Trailer"));
    EXPECT_TRUE(parsed.head.chunked);
    EXPECT_EQ(parsed.body, "hello, this is a body");
    EXPECT_EQ(parsed.rest, "GET / HTTP/1.1\r\n");
  }
}

TEST(RequestParser, CountsByContentLength) {
  const Parsed parsed = Parse("PUT / HTTP/1.0\r\nContent-Length: 4\r\n\r\nbodyrest", 3);
  ASSERT_TRUE(parsed.done) << parsed.status << parsed.rest << "|" << parsed.body;
  EXPECT_EQ(parsed.body, "body");
  EXPECT_EQ(parsed.rest, "rest");
  EXPECT_TRUE(parsed.head.http_1_0);
  EXPECT_FALSE(parsed.head.keep_alive);
}

TEST(RequestParser, RefusesAmbiguousLengths) {
  constexpr std::string_view kChunkedBody = "0\r\n\r\n";
  const auto with = [&](std::string_view fields, std::string_view version = "1.1") {
    return HttpStatus("POST / HTTP/" + std::string(version) + "\r\nHost: h\r\n" + std::string(fields) +
                      "\r\n" + std::string(kChunkedBody));
  };
  EXPECT_EQ(with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400);
  EXPECT_EQ(with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400);
  EXPECT_EQ(with("Content-Length: 5\r\nContent-Length: 6\r\n"), 400);
  EXPECT_EQ(with("Content-Length: +5\r\n"), 400);
  EXPECT_EQ(with("Content-Length: -5\r\n"), 400);
  EXPECT_EQ(with("Content-Length: 5, 6\r\n"), 400);
  EXPECT_EQ(with("Content-Length: 99999999999999999999999\r\n"), 400);
  EXPECT_EQ(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400);
  EXPECT_EQ(with("Transfer-Encoding: chunked\r\n", "1.0"), 400);
  EXPECT_EQ(with("Transfer-Encoding: xchunked\r\n"), 501);
  EXPECT_EQ(with("Transfer-Encoding: chunked, identity\r\n"), 501);
  EXPECT_EQ(with("Transfer-Encoding : chunked\r\n"), 400);
}

TEST(RequestParser, RefusesMalformedHeads) {
  EXPECT_EQ(HttpStatus("hello\r\n\r\n"), 400);
  EXPECT_EQ(HttpStatus("GET  / HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(HttpStatus("GET / HTTP/2.0\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(HttpStatus("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(HttpStatus("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
  EXPECT_EQ(HttpStatus("GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n"), 400);
  constexpr char kWithNul[] = "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n";
  EXPECT_EQ(HttpStatus({kWithNul, sizeof(kWithNul) - 1}), 400);
  EXPECT_EQ(HttpStatus("POST / HTTP/1.1\r\nHost: h\r\nExpect: magic\r\n\r\n"), 417);
  EXPECT_EQ(HttpStatus("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), 400);
}

TEST(RequestParser, BoundsTheHead) {
  const std::string long_field = "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(2000, 'x') + "\r\n\r\n";
  for (const size_t piece : {1, 100, 10'000}) {
    EXPECT_TRUE(Parse(long_field, piece, 4096).done);
    EXPECT_EQ(HttpStatusOf(Parse(long_field, piece, 1024).status), 431) << piece;
    EXPECT_EQ(HttpStatusOf(Parse("GET /" + std::string(2000, 'p'), piece, 1024).status), 431) << piece;
  }
  const std::string long_extension =
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;" + std::string(5000, 'e');
  EXPECT_EQ(HttpStatusOf(Parse(long_extension, 100, 1024).status), 431);
}

}  // namespace
}  // namespace taffrail::net
