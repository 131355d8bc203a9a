#include <gtest/gtest.h>

#include <string>

#include "taffrail/trace.h"

namespace taffrail {
namespace {

std::string Again(std::string_view header) { return format_tracestate(parse_tracestate(header)); }

std::string Members(int count, const std::string& value = "1") {
  std::string header;
  for (int i = 0; i < count; ++i) header += (i == 0 ? "k" : ",k") + std::to_string(i) + "=" + value;
  return header;
}

// REQ C-03: the rules of W3C Trace Context §3.3, and the cases of its own validation suite.
TEST(TraceState, KeepsWhatIsValid) {
  EXPECT_EQ(Again("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"), "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
  EXPECT_EQ(Again(" foo=1 \t,\tbar=2,, "), "foo=1,bar=2");
  EXPECT_EQ(Again("fw529a3039@dt=FfD2a0c7,0tenant@s=x"), "fw529a3039@dt=FfD2a0c7,0tenant@s=x");
  EXPECT_EQ(Again("a_-*/=!~:;{} x"), "a_-*/=!~:;{} x");
  EXPECT_EQ(Again("foo=1,bar=2,foo=3"), "foo=1,bar=2");
  EXPECT_EQ(Again(Members(32)), Members(32));
  EXPECT_EQ(Again(std::string(256, 'k') + "=1"), std::string(256, 'k') + "=1");
  EXPECT_EQ(Again("k=" + std::string(256, 'v')), "k=" + std::string(256, 'v'));
  EXPECT_EQ(Again(std::string(241, 't') + "@" + std::string(14, 's') + "=1").size(), 258U);
}

TEST(TraceState, IsDroppedWholeWhenAnyOfItIsMalformed) {
  for (const std::string& bad : {std::string("foo"),
                                 std::string("foo="),
                                 std::string("=1"),
                                 std::string("foo =1"),
                                 std::string("FOO=1"),
                                 std::string("foo.bar=1"),
                                 std::string("foo@=1"),
                                 std::string("@foo=1"),
                                 std::string("foo@@bar=1"),
                                 std::string("foo@bar@baz=1"),
                                 std::string("foo@1bar=1"),
                                 std::string("foo=bar=baz"),
                                 std::string("foo=\xC3\xA9"),
                                 std::string("foo=a\tb"),
                                 std::string("foo=a\r\nX: y"),
                                 std::string("a=1,b"),
                                 Members(33),
                                 std::string(257, 'k') + "=1",
                                 "k=" + std::string(257, 'v'),
                                 std::string(242, 't') + "@v=1",
                                 "t@" + std::string(15, 'v') + "=1"}) {
    EXPECT_TRUE(parse_tracestate(bad).empty()) << bad;
    EXPECT_TRUE(parse_tracestate("good=1," + bad).empty()) << bad;
  }
}

TEST(TraceState, WhatIsChangedMovesToTheLeft) {
  TraceState state = parse_tracestate("a=1,b=2,c=3");
  EXPECT_TRUE(state.set("b", "5"));
  EXPECT_TRUE(state.set("d", "6"));
  EXPECT_EQ(format_tracestate(state), "d=6,b=5,a=1,c=3");
  EXPECT_TRUE(state.set(state.members().back().first, state.get("a")));
  EXPECT_EQ(format_tracestate(state), "c=1,d=6,b=5,a=1");
  EXPECT_FALSE(state.set("B", "x"));
  EXPECT_FALSE(state.set("b", "x "));
  EXPECT_TRUE(state.remove("a"));
  EXPECT_FALSE(state.remove("a"));
  EXPECT_EQ(format_tracestate(state), "c=1,d=6,b=5");

  TraceState full = parse_tracestate(Members(32));
  EXPECT_TRUE(full.set("new", "1"));
  EXPECT_EQ(full.members().size(), 32U);
  EXPECT_EQ(full.members().front().first, "new");
  EXPECT_EQ(full.get("k31"), "");
}

TEST(TraceState, WhatDoesNotFitGoesLongOnesFirstThenFromTheRight) {
  EXPECT_EQ(Again("a=" + std::string(250, 'x') + ",b=2,c=" + std::string(250, 'y') + ",d=4,e=5"),
            "a=" + std::string(250, 'x') + ",b=2,d=4,e=5");
  const std::string many = Again(Members(32, std::string(30, 'v')));
  EXPECT_LE(many.size(), TraceState::kBytesMax);
  EXPECT_GT(many.size(), TraceState::kBytesMax - 40);
  EXPECT_TRUE(Members(32, std::string(30, 'v')).starts_with(many));
  EXPECT_EQ(Again(std::string(256, 'k') + "=" + std::string(256, 'v')), "");
  EXPECT_EQ(Again(std::string(255, 'k') + "=" + std::string(256, 'v')).size(), 512U);
}

}  // namespace
}  // namespace taffrail
