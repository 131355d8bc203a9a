#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "query/parse/json.h"
#include "query/parse/logfmt.h"
#include "query/parse/pattern.h"
#include "query/parse/regexp.h"

namespace taffrail::query::parse {
namespace {

using ::testing::HasSubstr;

class Collected final : public FieldSink {
 public:
  void Add(std::string_view name, std::string_view value, FieldType) override {
    text += std::string(name) + "=" + std::string(value) + ";";
  }
  std::string text;
};

std::string Json(std::string_view line) {
  Collected found;
  return ParseJson(line, found) ? found.text : "no";
}

std::string Logfmt(std::string_view line, LogfmtOptions options = {}) {
  Collected found;
  const std::string_view error = ParseLogfmt(line, options, found);
  return found.text + std::string(error);
}

TEST(ParseTest, Json) {  // REQ Q-01
  EXPECT_EQ(Json(R"({"a":1,"b":{"c":"x\n","d":{"e":true}},"f":[1],"g":null,"h.i":1.50})"),
            "a=1;b_c=x\n;b_d_e=true;h_i=1.50;");
  EXPECT_EQ(Json(R"( { } )"), "");
  EXPECT_EQ(Json(R"({"1a":"x","ü":"y","":"z"})"), "_1a=x;_=y;=z;");
  EXPECT_EQ(Json(R"({"a":1)"), "no");
  EXPECT_EQ(Json(R"([1])"), "no");
  EXPECT_EQ(Json("text"), "no");
  EXPECT_EQ(Json(""), "no");
  EXPECT_EQ(Json(std::string(100000, '{')), "no");
}

TEST(ParseTest, JsonPaths) {  // REQ Q-01
  const std::string document = R"({"a":{"b":[10,{"c":"x"}]},"d e":"y","n":null,"o":{"p":1}})";
  const auto find = [&](std::string_view path) {
    const auto parsed = JsonPath::Parse(path);
    if (!parsed.ok()) return std::string(parsed.status().message());
    std::string value;
    FieldType type;
    return parsed->Find(document, value, type) ? value : std::string("none");
  };
  EXPECT_EQ(find("a.b[0]"), "10");
  EXPECT_EQ(find("a.b[1].c"), "x");
  EXPECT_EQ(find("[\"d e\"]"), "y");
  EXPECT_EQ(find("o"), "{\"p\":1}");
  EXPECT_EQ(find("n"), "");
  EXPECT_EQ(find("a.b[2]"), "none");
  EXPECT_EQ(find("a.x"), "none");
  EXPECT_THAT(find("a..b"), HasSubstr("expected a key"));
  EXPECT_THAT(find("a[x]"), HasSubstr("expected an index such as [0]"));
  EXPECT_THAT(find(""), HasSubstr("expected a path"));
}

TEST(ParseTest, Unpack) {  // REQ Q-01
  Collected found;
  std::string entry;
  bool has_entry = false;
  ASSERT_TRUE(Unpack(R"({"app":"a","n":1,"_entry":"the line"})", found, entry, has_entry));
  EXPECT_EQ(found.text, "app=a;");
  EXPECT_TRUE(has_entry);
  EXPECT_EQ(entry, "the line");
  EXPECT_FALSE(Unpack("text", found, entry, has_entry));
}

TEST(ParseTest, Logfmt) {  // REQ Q-01
  EXPECT_EQ(Logfmt(R"(level=info msg="a \"b\" c" took=1.5s empty= alone)"),
            "level=info;msg=a \"b\" c;took=1.5s;");
  EXPECT_EQ(Logfmt("a= b", {.strict = false, .keep_empty = true}), "a=;b=;");
  EXPECT_EQ(Logfmt(R"(a=1 ="x" b=2)"), "a=1;b=2;");
  EXPECT_THAT(Logfmt(R"(a=1 ="x" b=2)", {.strict = true}), HasSubstr("a=1;unexpected '='"));
  EXPECT_THAT(Logfmt(R"(a="open)", {.strict = true}), HasSubstr("unterminated"));
  EXPECT_EQ(Logfmt(R"(a="\u00e9\'\\" b="x\s" c="\u12" d=1)"), "a=\u00e9'\\;d=1;");
  EXPECT_EQ(Logfmt(R"(a=1 b="x\s" d=1)", {.strict = true}), "a=1;invalid quoted value");
  EXPECT_EQ(Logfmt("\u00fcber=1 \u00e9\u65e5=2"), "_ber=1;__=2;");
  EXPECT_EQ(Logfmt("\x80\x81"
                   "1=x"),
            "_1=x;");  // no UTF-8
  EXPECT_EQ(Logfmt(""), "");
}

TEST(ParseTest, Patterns) {  // REQ Q-01
  const auto match = [](std::string_view pattern, std::string_view line) {
    const auto parsed = Pattern::Parse(pattern, Pattern::Use::kFields);
    if (!parsed.ok()) return std::string(parsed.status().message());
    Collected found;
    parsed->Match(line, found);
    return found.text;
  };
  EXPECT_EQ(match("<ip> - <_> [<time>]", "1.2.3.4 - bob [now]"), "ip=1.2.3.4;time=now;");
  EXPECT_EQ(match("GET <path> <_>", "x GET /a HTTP"), "path=/a;");
  EXPECT_EQ(match("<a>, <b>", "one"), "a=one;");
  EXPECT_THAT(match("<a><b>", ""), HasSubstr("two captures need some text between"));
  EXPECT_THAT(match("<_>", ""), HasSubstr("at least one named capture"));
  EXPECT_THAT(match("<a> <a>", ""), HasSubstr("two captures named a"));
  const auto test = [](std::string_view pattern, std::string_view line) {
    return Pattern::Parse(pattern, Pattern::Use::kFilter)->Test(line);
  };
  EXPECT_TRUE(test("<_> level=<_> msg", "x level=info msg"));
  EXPECT_FALSE(test("level=<_>", "x level=info"));
  EXPECT_TRUE(test("<_>level=<_>", "x level=info"));
  EXPECT_FALSE(test("<_>level=<_>", "level=info"));
  EXPECT_TRUE(test("abc", "abc"));
  EXPECT_FALSE(test("abc", "abcd"));
}

TEST(ParseTest, NamedGroups) {  // REQ Q-01
  const auto match = [](const std::string& pattern, std::string_view line) {
    const auto parsed = Regexp::Compile(pattern);
    if (!parsed.ok()) return std::string(parsed.status().message());
    Collected found;
    (*parsed)->Match(line, found);
    return found.text;
  };
  EXPECT_EQ(match("(?P<m>[A-Z]+) (?P<p>\\S+)( (?P<q>x))?", "> GET /a"), "m=GET;p=/a;q=;");
  EXPECT_EQ(match(R"((?<m>[(?<]+)\(?<(?<n>.))", "x?<((<y"), "m=?<((;n=y;");
  EXPECT_EQ(match("(?P<m>Z)", "a"), "");
  EXPECT_THAT(match("(a)", ""), HasSubstr("at least one named capture"));
  EXPECT_THAT(match("(?P<a>", ""), HasSubstr("bad regular expression"));
}

}  // namespace
}  // namespace taffrail::query::parse
