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

}  // namespace
}  // namespace examples::http
