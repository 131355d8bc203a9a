#include "cmd/json_paint.h"

#include <gtest/gtest.h>

namespace taffrail::cmd {
namespace {

std::string Paint(std::string_view json, bool color) {
  std::string out;
  AppendPaintedJson(json, Painter(color), out);
  return out;
}

TEST(JsonPaint, WithoutColourNothingChanges) {
  for (const std::string_view text :
       {R"({"a":[1,-2.5e3,true,null],"b":"x\"y: \\"})", "not json at all", "\"open", ""}) {
    EXPECT_EQ(Paint(text, false), text);
  }
}

TEST(JsonPaint, TellsKeysFromStringsNumbersAndLiterals) {
  EXPECT_EQ(Paint(R"({"k" :"v","n":-1,"b":true})", true),
            "{\x1b[34m\"k\"\x1b[0m :\x1b[32m\"v\"\x1b[0m,\x1b[34m\"n\"\x1b[0m:\x1b[33m-1\x1b[0m,"
            "\x1b[34m\"b\"\x1b[0m:\x1b[35mtrue\x1b[0m}");
}

TEST(JsonPaint, ControlCharactersStayInert) {
  EXPECT_EQ(Paint("\x1b]0;title\x07", false), "\\x1b]0;title\\x07");
}

}  // namespace
}  // namespace taffrail::cmd
