#include "net/problem.h"

#include <gtest/gtest.h>

namespace taffrail::net {
namespace {

TEST(ProblemDocument, HasTheMembersOfRfc9457) {  // REQ P-01
  EXPECT_EQ(ProblemDocument(404, "Not Found", ""),
            R"({"type":"about:blank","title":"Not Found","status":404})"
            "\n");
  EXPECT_EQ(
      ProblemDocument(400, "Bad Request", "line \"3\"\n", {{"line", "3"}, {"field", JsonQuote("a\\b")}}),
      R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"line \"3\"\u000a",)"
      R"("line":3,"field":"a\\b"})"
      "\n");
}

TEST(JsonQuote, KeepsUtf8AndReplacesWhatIsNone) {
  EXPECT_EQ(JsonQuote("é€😀"), "\"é€😀\"");
  EXPECT_EQ(JsonQuote("a\xff"
                      "b"),
            "\"a\uFFFD"
            "b\"");
  EXPECT_EQ(JsonQuote("\xc0\x80"), "\"\uFFFD\uFFFD\"");                      // overlong NUL
  EXPECT_EQ(JsonQuote("\xed\xa0\x80"), "\"\uFFFD\uFFFD\uFFFD\"");            // a surrogate
  EXPECT_EQ(JsonQuote("\xf4\x90\x80\x80").find('\xf4'), std::string::npos);  // beyond U+10FFFF
  EXPECT_EQ(JsonQuote("\xe2\x82"), "\"\uFFFD\uFFFD\"");                      // cut short
  EXPECT_EQ(JsonQuote(std::string_view("\0\x1f", 2)), "\"\\u0000\\u001f\"");
}

TEST(HttpStatusOf, PrefersTheMarkToTheCode) {
  EXPECT_EQ(HttpStatusOf(absl::OkStatus()), 200);
  EXPECT_EQ(HttpStatusOf(absl::ResourceExhaustedError("full")), 429);
  EXPECT_EQ(HttpStatusOf(WithHttpStatus(absl::ResourceExhaustedError("too long"), 413)), 413);
  EXPECT_EQ(HttpStatusOf(absl::InternalError("?")), 500);
}

}  // namespace
}  // namespace taffrail::net
