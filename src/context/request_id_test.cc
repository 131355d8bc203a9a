#include "taffrail/request_id.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <vector>

namespace taffrail {
namespace {

RequestId From(const std::vector<Header>& headers) { return request_id_from(headers); }

// REQ C-01
TEST(RequestId, GeneratedOnesHaveTheirForm) {
  EXPECT_TRUE(std::regex_match(generate_id(IdStyle::kRequest12), std::regex("req_[0-9a-f]{12}")));
  const std::regex uuid4("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  const std::regex uuid7("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  std::set<std::string> all;
  std::string last7;
  for (int i = 0; i < 1000; ++i) {
    const std::string four = generate_id(IdStyle::kUuid4);
    const std::string seven = generate_id(IdStyle::kUuid7);
    EXPECT_TRUE(std::regex_match(four, uuid4)) << four;
    EXPECT_TRUE(std::regex_match(seven, uuid7)) << seven;
    EXPECT_LE(last7.substr(0, 13), seven.substr(0, 13));  // sorted by their time
    last7 = seven;
    all.insert({four, seven});
  }
  EXPECT_EQ(all.size(), 2000U);
}

TEST(RequestId, ComesFromTheHeadersInAnyCase) {
  EXPECT_EQ(From({{"X-Request-ID", "abc-1"}}).id, "abc-1");
  EXPECT_EQ(From({{"x-correlation-id", " 550e8400-e29b-41d4-a716-446655440000 "}}).id,
            "550e8400-e29b-41d4-a716-446655440000");
  EXPECT_EQ(From({{"X-CORRELATION-ID", "second"}, {"x-request-id", "first"}}).id, "first");
  const RequestId traced = From({{"Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}});
  EXPECT_EQ(traced.id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_FALSE(traced.generated);
  EXPECT_TRUE(traced.trace->sampled);
}

TEST(RequestId, AHostileOneIsReplacedAndNoted) {
  const std::string long_id(129, 'a');
  for (const std::string& hostile :
       {std::string("a\r\nSet-Cookie: x"), std::string("a\"} ,{\""), std::string("1; DROP TABLE x --"),
        std::string("x--y"), std::string("a\0b", 3), std::string("caf\xC3\xA9"), std::string("\xFF\xFE"),
        std::string("${jndi:ldap}"), long_id}) {
    const RequestId result = From({{"X-Request-ID", hostile}});
    EXPECT_TRUE(result.generated);
    EXPECT_TRUE(result.id.starts_with("req_"));
    EXPECT_EQ(result.rejected, hostile.substr(0, 128));  // as it came: escaping is the line's work
  }
  EXPECT_FALSE(From({{"X-Request-ID", std::string(128, 'a')}}).generated);
}

TEST(RequestId, AGoodOneAfterAHostileOneIsTaken) {
  const RequestId result = From({{"X-Request-ID", "<script>"}, {"X-Correlation-ID", "good"}});
  EXPECT_EQ(result.id, "good");
  EXPECT_EQ(result.rejected, "<script>");
}

TEST(RequestId, NoneIsNotHostile) {
  EXPECT_TRUE(From({}).rejected.empty());
  EXPECT_TRUE(From({{"X-Request-ID", "  "}}).rejected.empty());
  EXPECT_TRUE(From({}).generated);
}

// REQ C-03: the examples and rules of W3C Trace Context §3.2.
TEST(TraceParent, ParsesAndFormats) {
  const std::string header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
  const auto parent = parse_traceparent(header);
  ASSERT_TRUE(parent);
  EXPECT_EQ(parent->span_id, "00f067aa0ba902b7");
  EXPECT_FALSE(parent->sampled);
  EXPECT_EQ(format_traceparent(*parent), header);
  EXPECT_EQ(parse_traceparent(format_traceparent(generate_traceparent()))->sampled, true);
  EXPECT_TRUE(parse_traceparent("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-later"));
}

TEST(TraceParent, RefusesWhatIsMalformed) {
  for (const char* bad : {"", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                          "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                          "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                          "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
                          "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
                          "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}) {
    EXPECT_FALSE(parse_traceparent(bad)) << bad;
  }
}

}  // namespace
}  // namespace taffrail
