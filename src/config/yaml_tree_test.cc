#include "config/yaml_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>

namespace taffrail::config {
namespace {

using testing::HasSubstr;

struct Parsed {
  std::optional<Node> root;
  std::string problems;
};

Parsed Parse(std::string_view text) {
  static const std::map<std::string, std::string> variables = {
      {"HOST", "db1"}, {"EMPTY", ""}, {"TRICK", "a: [1\n${HOST}"}, {"BIG", std::string(100'000, 'x')}};
  Problems problems("f");
  Parsed parsed;
  parsed.root = ParseYaml(
      text,
      [](const char* name) {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
      },
      problems);
  parsed.problems = ConfigResult{{}, problems.Take()}.text();
  return parsed;
}

std::string ValueOf(std::string_view scalar) {
  const Parsed parsed = Parse("k: " + std::string(scalar));
  if (!parsed.problems.empty()) return parsed.problems;
  return parsed.root->Find("k")->text;
}

TEST(YamlTree, KnowsThePlaceOfEveryNode) {
  const Parsed parsed = Parse("a: 1\nb:\n  - x\n  -   y: z\n");
  ASSERT_TRUE(parsed.root);
  const Node* const list = parsed.root->Find("b");
  ASSERT_NE(list, nullptr);
  ASSERT_EQ(list->items.size(), 2U);
  EXPECT_EQ(list->items[0].mark.line, 3);
  EXPECT_EQ(list->items[0].mark.column, 5);
  EXPECT_EQ(list->items[1].members[0].value.mark.line, 4);
  EXPECT_EQ(list->items[1].members[0].value.mark.column, 10);
}

TEST(YamlTree, FillsInVariables) {
  EXPECT_EQ(ValueOf("${HOST}:${PORT:-5432}/x"), "db1:5432/x");
  EXPECT_EQ(ValueOf("\"${HOST}\""), "db1");
  EXPECT_EQ(ValueOf("${EMPTY:-none}"), "none");
  EXPECT_EQ(ValueOf("a${UNSET:-}b"), "ab");
  EXPECT_EQ(ValueOf("5$$ and $${HOST}"), "5$ and ${HOST}");
  EXPECT_EQ(ValueOf("${TRICK}"), "a: [1\n${HOST}");  // what is filled in is text: neither YAML nor variables
  EXPECT_THAT(ValueOf("${UNSET}"),
              HasSubstr("f:1:4: error: the environment variable UNSET is not set; set it, or "
                        "write ${UNSET:-default}"));
  EXPECT_THAT(ValueOf("$HOST"), HasSubstr("write $$"));
  EXPECT_THAT(ValueOf("${HOST"), HasSubstr("write $$"));
  EXPECT_THAT(ValueOf("${1a}"), HasSubstr("no name"));
}

TEST(YamlTree, RefusesWhatIsNoConfiguration) {
  EXPECT_THAT(Parse("a: [1, 2\nb: 3\n").problems, HasSubstr("f:2:"));
  EXPECT_THAT(Parse("a: 1\na: 2\n").problems,
              HasSubstr("f:2:1: error: a stands here twice, before in line 1"));
  EXPECT_THAT(Parse("? [a]\n: b\n").problems, HasSubstr("a key must be a text"));
  EXPECT_THAT(Parse("a: !!python/object x\n").problems, HasSubstr("the tag"));
  EXPECT_THAT(Parse("a: 1\n---\nb: 2\n").problems, HasSubstr("second document"));
  EXPECT_THAT(Parse(std::string_view("a: b\nc: \0", 9)).problems, HasSubstr("f:2:1: error: a NUL byte"));
  EXPECT_THAT(Parse(std::string(kFileBytesMax + 1, '#')).problems, HasSubstr("a configuration has at most"));
}

TEST(YamlTree, AliasesWork) {
  const Parsed parsed = Parse("a: &x {p: 1}\nb: *x\n");
  EXPECT_EQ(parsed.problems, "");
  EXPECT_EQ(parsed.root->Find("b")->Find("p")->text, "1");
}

TEST(YamlTree, BombsAreRefusedAtOnce) {
  const auto start = std::chrono::steady_clock::now();
  std::string aliases = "a0: &a0 [x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    aliases += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 8; ++j) aliases += (j == 0 ? "" : ", ") + before;
    aliases += "]\n";
  }
  EXPECT_THAT(Parse(aliases).problems, HasSubstr("aliases"));
  EXPECT_THAT(Parse(std::string(100'000, '[')).problems, HasSubstr("nested deeper"));
  EXPECT_THAT(Parse(std::string(100'000, '{')).problems, HasSubstr("error"));
  std::string filled = "k: \"";
  for (int i = 0; i < 100; ++i) filled += "${BIG}";
  EXPECT_THAT(Parse(filled + "\"").problems, HasSubstr("1 MiB"));
  EXPECT_THAT(Parse("a: &a [*a]").problems, HasSubstr("error"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(YamlTree, AnEmptyFileIsNothing) {
  EXPECT_EQ(Parse("").root->kind, Node::Kind::kNull);
  EXPECT_EQ(Parse("# only words\n").root->kind, Node::Kind::kNull);
}

}  // namespace
}  // namespace taffrail::config
