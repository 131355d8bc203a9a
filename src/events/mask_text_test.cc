#include "events/mask_text.h"

#include <gtest/gtest.h>

#include "events/cut_text.h"

namespace taffrail::events {
namespace {

TEST(MaskText, WhatIsQuotedGoes) {
  EXPECT_EQ(MaskQuoted("invalid input for type integer: \"abc\""), "invalid input for type integer: \"?\"");
  EXPECT_EQ(MaskQuoted("near 'it''s me', and \"you\""), "near '?', and \"?\"");
  EXPECT_EQ(MaskQuoted("can't open user's file"), "can't open user's file");
  EXPECT_EQ(MaskQuoted("never closed 'secret"), "never closed '?'");
  EXPECT_EQ(MaskQuoted(""), "");
}

// REQ E-04
TEST(MaskText, AUrlKeepsWhereAndLosesWhatMayBeSecret) {
  EXPECT_EQ(PlainUrl("https://user:pass@host:8080/a/b?token=x#y"), "https://host:8080/a/b");
  EXPECT_EQ(PlainUrl("https://host#y?z"), "https://host");
  EXPECT_EQ(PlainUrl("https://a@b@host/c@d"), "https://host/c@d");
  EXPECT_EQ(PlainUrl("user:pass@host/x"), "host/x");
  EXPECT_EQ(PlainUrl("/path?x=1"), "/path");
  EXPECT_EQ(PlainUrl("postgresql://u:p@/db"), "postgresql:///db");
  EXPECT_EQ(PlainUrl(""), "");
}

TEST(CutText, CutsBetweenCharacters) {
  EXPECT_EQ(CutText("abc", 3), "abc");
  EXPECT_EQ(CutText("abcd", 3), "abc");
  EXPECT_EQ(CutText("ab\u00e9", 3), "ab");
  EXPECT_EQ(CutText("\U0001F600x", 3), "");
  EXPECT_EQ(CutText(std::string(9, '\x80'), 6).size(), 3U) << "no UTF-8: cut all the same";
}

}  // namespace
}  // namespace taffrail::events
