#include "taffrail/baggage.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace taffrail {
namespace {

// REQ C-03: the examples of W3C Baggage §3.2 and §3.3.
TEST(Baggage, ReadsWhatTheStandardShows) {
  const Baggage baggage = parse_baggage(
      "key1=value1;property1;property2, key2 = value2, key3=value3; propertyKey = propertyValue");
  ASSERT_EQ(baggage.members().size(), 3U);
  EXPECT_EQ(baggage.get("key1"), "value1");
  EXPECT_EQ(baggage.members()[0].properties, "property1;property2");
  EXPECT_EQ(baggage.get("key2"), "value2");
  EXPECT_EQ(baggage.members()[2].properties, "propertyKey=propertyValue");
  EXPECT_EQ(format_baggage(baggage),
            "key1=value1;property1;property2,key2=value2,key3=value3;propertyKey=propertyValue");
  EXPECT_EQ(parse_baggage("userId=Am%C3%A9lie,serverNode=DF%2028,isProduction=false").get("userId"),
            "Am\xC3\xA9lie");
}

TEST(Baggage, EncodesWhatAHeaderCannotHold) {
  Baggage baggage;
  EXPECT_TRUE(baggage.set("tenant", "a,b;c=d \"e\" 100%\r\nX: y\\"));
  const std::string header = format_baggage(baggage);
  EXPECT_EQ(header, "tenant=a%2Cb%3Bc=d%20%22e%22%20100%25%0D%0AX:%20y%5C");
  EXPECT_EQ(parse_baggage(header).get("tenant"), baggage.get("tenant"));
}

TEST(Baggage, BadPercentSignsAndBadUtf8AreTold) {
  EXPECT_EQ(parse_baggage("a=100%,b=%zz,c=%4").get("a"), "100%");
  EXPECT_EQ(parse_baggage("b=%zz").get("b"), "%zz");
  EXPECT_EQ(parse_baggage("a=%FF%41%C3").get("a"),
            "\xEF\xBF\xBD"
            "A\xEF\xBF\xBD");
  EXPECT_EQ(parse_baggage("a=%ED%A0%80").get("a"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // a surrogate
  Baggage baggage;
  EXPECT_TRUE(baggage.set("a", "\xFF"));
  EXPECT_EQ(baggage.get("a"), "\xEF\xBF\xBD");
}

TEST(Baggage, LeavesOutWhatIsMalformed) {
  const Baggage baggage =
      parse_baggage("good=1,,no-equals,=x,bad key=1,b\xC3\xBC=1,q=\"v\",s=a b,p=1;=x,p2=1;a=\"x\",last=2");
  ASSERT_EQ(baggage.members().size(), 2U);
  EXPECT_EQ(baggage.get("good"), "1");
  EXPECT_EQ(baggage.get("last"), "2");
  EXPECT_TRUE(parse_baggage("").empty());
  EXPECT_EQ(parse_baggage("empty=").members().size(), 1U);
}

TEST(Baggage, SetReplacesAllOfAKeyAndRefusesWhatIsMalformed) {
  Baggage baggage = parse_baggage("a=1,b=2,a=3");
  EXPECT_EQ(baggage.get("a"), "1");
  EXPECT_TRUE(baggage.set("a", "4"));
  EXPECT_EQ(format_baggage(baggage), "a=4,b=2");
  EXPECT_TRUE(baggage.set("b", std::string(baggage.get("a")), "ttl=30; private"));
  EXPECT_EQ(format_baggage(baggage), "a=4,b=4;ttl=30;private");
  for (const char* key : {"", "a b", "a=b", "a,b", "\xC3\xBC", "a\n"}) EXPECT_FALSE(baggage.set(key, "x"));
  for (const char* properties : {";", "a;;b", "a b", "a=\"x\"", "a=b,c=d"})
    EXPECT_FALSE(baggage.set("a", "x", properties)) << properties;
  EXPECT_TRUE(baggage.remove("a"));
  EXPECT_FALSE(baggage.remove("a"));
}

TEST(Baggage, Limits) {
  Baggage full;
  for (size_t i = 0; i < Baggage::kMembersMax; ++i) EXPECT_TRUE(full.set("k" + std::to_string(i), "v"));
  EXPECT_FALSE(full.set("one-more", "v"));
  EXPECT_TRUE(full.set("k0", "other"));
  std::string header = format_baggage(full) + ",one-more=v";
  EXPECT_EQ(parse_baggage(header).members().size(), Baggage::kMembersMax);

  Baggage large;
  EXPECT_TRUE(large.set("a", std::string(Baggage::kBytesMax - 2, 'x')));
  EXPECT_FALSE(large.set("b", ""));
  EXPECT_FALSE(large.set("a", std::string(Baggage::kBytesMax - 1, 'x')));
  EXPECT_FALSE(large.set("a", std::string(Baggage::kBytesMax / 3 + 1, ' ')));  // each becomes %20
  EXPECT_EQ(parse_baggage(format_baggage(large)).members().size(), 1U);
  // Bytes that are replaced grow, so that what fits on the way in may not fit on the way out.
  header = "a=";
  for (int i = 0; i < 2000; ++i) header += "%FF";
  EXPECT_TRUE(parse_baggage(header).empty());
}

TEST(Baggage, WhateverIsSetComesBack) {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    Baggage baggage;
    for (int member = 0; member < 4; ++member) {
      std::string value(random() % 20, '\0');
      for (char& c : value) c = static_cast<char>(random());
      ASSERT_TRUE(baggage.set("k" + std::to_string(member), value));
    }
    const Baggage again = parse_baggage(format_baggage(baggage));
    ASSERT_EQ(again.members().size(), 4U);
    for (int member = 0; member < 4; ++member) {
      const std::string key = "k" + std::to_string(member);
      ASSERT_EQ(again.get(key), baggage.get(key));
    }
  }
}

}  // namespace
}  // namespace taffrail
