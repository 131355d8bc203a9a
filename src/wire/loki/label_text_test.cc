#include "wire/loki/label_text.h"

#include <string>

#include "gtest/gtest.h"

namespace taffrail::wire::loki {
namespace {

using record::Labels;

TEST(LabelText, ReadsWhatAgentsSend) {
  const auto labels = ParseLabels(R"({app="api", host = "web-1",k8s.pod="a b" })");
  ASSERT_TRUE(labels.ok()) << labels.status();
  EXPECT_EQ(*labels, (Labels{{"app", "api"}, {"host", "web-1"}, {"k8s.pod", "a b"}}));
  EXPECT_EQ(*ParseLabels("{}"), Labels());
  EXPECT_EQ(*ParseLabels("{a=\"1\",}"), (Labels{{"a", "1"}}));
}

TEST(LabelText, UndoesTheEscapesOfGo) {
  const auto labels = ParseLabels(R"({a="q\"b\\n\n\t\x41\101\u00e9\U0001F600"})");
  ASSERT_TRUE(labels.ok()) << labels.status();
  EXPECT_EQ((*labels)[0].second, "q\"b\\n\n\tAA\xc3\xa9\xf0\x9f\x98\x80");
}

TEST(LabelText, ErrorsNameThePlace) {
  EXPECT_EQ(ParseLabels("app").status().message(), "labels: expected '{' at offset 0");
  EXPECT_EQ(ParseLabels("{1=\"a\"}").status().message(), "labels: expected a label name at offset 1");
  EXPECT_EQ(ParseLabels("{a~\"a\"}").status().message(), "labels: expected '=' at offset 2");
  EXPECT_EQ(ParseLabels("{a=b}").status().message(), "labels: expected a quoted value at offset 3");
  EXPECT_EQ(ParseLabels("{a=\"b}").status().message(),
            "labels: expected the rest of a quoted value at offset 6");
  EXPECT_EQ(ParseLabels("{a=\"b\" c=\"d\"}").status().message(), "labels: expected ',' or '}' at offset 7");
  EXPECT_EQ(ParseLabels("{} x").status().message(), "labels: expected the end at offset 3");
  EXPECT_FALSE(ParseLabels(R"({a="\q"})").ok());
  EXPECT_FALSE(ParseLabels(R"({a="\ud800"})").ok());
}

TEST(LabelText, PrintsAndParsesBack) {
  const Labels labels = {{"a", "plain"}, {"b", "\"\\\n\r\x01\x7f"}, {"c", "\xc3\xa9"}, {"d", ""}};
  EXPECT_EQ(*ParseLabels(FormatLabels(labels)), labels);
  EXPECT_EQ(FormatLabels({{"a", "b"}, {"c", "d"}}), "{a=\"b\", c=\"d\"}");
}

}  // namespace
}  // namespace taffrail::wire::loki
