#include "query/templates/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace taffrail::query::templates {
namespace {

using ::testing::HasSubstr;

class Line final : public Fields {
 public:
  bool Find(std::string_view name, std::string& value) const override {
    const auto found = fields.find(name);
    if (found == fields.end()) return false;
    value = found->second;
    return true;
  }
  void ForEach(const std::function<void(std::string_view, std::string_view)>& f) const override {
    for (const auto& [name, value] : fields) f(name, value);
  }
  std::string_view line() const override { return "the line"; }
  int64_t timestamp_ns() const override {
    return 1'761'832'800'123'456'789;
  }  // 2025-10-30T14:00:00.123456789Z

  std::map<std::string, std::string, std::less<>> fields = {
      {"a", "Hello World"},
      {"n", "42"},
      {"f", "3.7"},
      {"path", "/api/v1"},
      {"took", "1m30s"},
      {"size", "2KB"},
      {"json", R"({"k":"v","list":[1,2.5,"x"],"o":{"p":true}})"},
      {"empty", ""}};
};

std::string Made(std::string_view text) {
  auto parsed = Template::Parse(text, 1'761'832'800'000'000'000);
  if (!parsed.ok()) return "error: " + std::string(parsed.status().message());
  std::string out;
  const absl::Status status = (*parsed)->Run(Line(), out);
  return status.ok() ? out : "failed: " + std::string(status.message());
}

TEST(TemplateTest, TextAndFields) {  // REQ Q-01
  EXPECT_EQ(Made(""), "");
  EXPECT_EQ(Made("plain"), "plain");
  EXPECT_EQ(Made("{{.a}}-{{ .n }}"), "Hello World-42");
  EXPECT_EQ(Made("[{{.missing}}]"), "[]");
  EXPECT_EQ(Made("{{__line__}}"), "the line");
  EXPECT_EQ(Made("a {{- .n -}} b"), "a42b");
  EXPECT_EQ(Made("a{{/* nothing */}}b"), "ab");
  EXPECT_EQ(Made("{{\"x\\n\\\"\"}}{{`\\n`}}"), "x\n\"\\n");
  EXPECT_EQ(Made("{{1}} {{-2}} {{1.50}} {{true}}"), "1 -2 1.5 true");
}

TEST(TemplateTest, PipelinesAndBlocks) {  // REQ Q-01
  EXPECT_EQ(Made("{{.a | ToUpper | trunc 5}}"), "HELLO");
  EXPECT_EQ(Made("{{if .a}}yes{{end}}{{if .empty}}no{{else}}else{{end}}"), "yeselse");
  EXPECT_EQ(Made("{{if eq .n \"1\"}}one{{else if eq .n \"42\"}}this{{else}}other{{end}}"), "this");
  EXPECT_EQ(Made("{{with .n}}{{.}}{{end}}{{with .empty}}x{{else}}none{{end}}"), "42none");
  EXPECT_EQ(Made("{{$x := .n}}{{$y := add $x 1}}{{$y}}"), "43");
  EXPECT_EQ(Made("{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}"), "2");
  EXPECT_EQ(Made("{{range $i, $v := (fromJson .json).list}}{{$i}}={{$v}};{{end}}"), "0=1;1=2.5;2=x;");
  EXPECT_EQ(Made("{{range (fromJson .json).list}}{{if eq . 2.5}}{{break}}{{end}}{{.}}{{end}}"), "1");
  EXPECT_EQ(Made("{{with fromJson .json}}{{.k}} {{.o.p}}{{end}}"), "v true");
  EXPECT_EQ(Made("{{range fromJson \"[]\"}}x{{else}}empty{{end}}"), "empty");
  EXPECT_EQ(Made("{{and .a .n}} {{or .empty .n}} {{not .empty}}"), "42 42 true");
}

TEST(TemplateTest, TextFunctions) {  // REQ Q-01
  EXPECT_EQ(Made("{{ToLower .a}} {{title \"ab cd\"}}"), "hello world Ab Cd");
  EXPECT_EQ(Made("{{Replace .a \"l\" \"L\" 1}} {{.a | replace \"l\" \"L\"}}"), "HeLlo World HeLLo WorLd");
  EXPECT_EQ(
      Made("{{trim \" x \"}}|{{Trim \",x,\" \",\"}}|{{trimAll \"$\" \"$5$\"}}|{{TrimLeft \"--a-\" \"-\"}}"),
      "x|x|5|a-");
  EXPECT_EQ(Made("{{trimPrefix \"/\" .path}} {{trimSuffix \"v1\" .path}} {{TrimPrefix .path \"/api\"}}"),
            "api/v1 /api/ /v1");
  EXPECT_EQ(Made("{{substr 0 5 .a}}|{{trunc -5 .a}}|{{trunc 5 .a}}"), "Hello|World|Hello");
  EXPECT_EQ(Made("{{contains \"api\" .path}} {{hasPrefix \"/x\" .path}} {{hasSuffix \"v1\" .path}}"),
            "true false true");
  EXPECT_EQ(Made("{{regexReplaceAll \"(H)(e)\" .a \"${2}$1\"}} {{regexReplaceAllLiteral \"H\" .a \"$1\"}}"),
            "eHllo World $1ello World");
  EXPECT_EQ(Made("{{repeat 3 \"ab\"}} {{count \"o\" .a}} {{indent 2 \"x\"}}"), "ababab 2   x");
  EXPECT_EQ(Made("[{{alignLeft 4 \"ab\"}}][{{alignRight 4 \"ab\"}}][{{alignLeft 1 \"ab\"}}][{{alignRight 1 "
                 "\"ab\"}}]"),
            "[ab  ][  ab][a][b]");
  EXPECT_EQ(Made("{{b64enc .n}} {{b64dec \"NDI=\"}} {{urlencode \"a b/\"}} {{urldecode \"a%20b\"}}"),
            "NDI= 42 a+b%2F a b");
  EXPECT_EQ(Made("{{default \"none\" .empty}} {{.n | default \"x\"}} {{len .a}}"), "none 42 11");
  EXPECT_EQ(Made("{{index (fromJson .json).list 2}}"), "x");
  EXPECT_EQ(Made("{{printf \"%s-%5.1f|%03d|%-4s|%q|%v|%x|%%\" .n 2.55 7 \"a\" \"b\" .f 255}}"),
            "42-  2.5|007|a   |\"b\"|3.7|ff|%");
  EXPECT_EQ(Made("{{printf \"%d\" .n}}"), "%!d(string=42)");
  EXPECT_EQ(Made("{{printf \"%s\" .n 7 .f true}}"), "42%!(EXTRA int=7, string=3.7, bool=true)");
}

TEST(TemplateTest, NumberAndTimeFunctions) {  // REQ Q-01
  EXPECT_EQ(Made("{{add .n 1 2}} {{sub .n 2}} {{mul 2 3}} {{div 7 2}} {{mod 7 2}}"), "45 40 6 3 1");
  EXPECT_EQ(Made("{{addf .f 1.5}} {{mulf .f 2}} {{divf 10 4}} {{subf 5 1.5}}"), "5.2 7.4 2.5 3.5");
  EXPECT_EQ(Made("{{max 1 3 2}} {{min 1 3}} {{maxf 1.5 2.5}} {{ceil .f}} {{floor .f}} {{round .f 0}} {{round "
                 "1.256 2}}"),
            "3 1 2.5 4 3 4 1.26");
  EXPECT_EQ(Made("{{int 3.7}} {{int .f}} {{float64 .n}}"), "3 0 42");
  EXPECT_EQ(Made("{{bytes .size}} {{duration .took}} {{duration_seconds \"250ms\"}}"), "2000 90 0.25");
  EXPECT_EQ(Made("{{div 1 0}}"), "failed: integer divide by zero");
  EXPECT_EQ(Made("{{date \"2006-01-02T15:04:05.000Z07:00\" __timestamp__}}"), "2025-10-30T14:00:00.123Z");
  EXPECT_EQ(Made("{{__timestamp__ | date \"Jan 2 15:04:05\"}}"), "Oct 30 14:00:00");
  EXPECT_EQ(Made("{{toDate \"2006-01-02\" \"2021-11-02\" | unixEpoch}}"), "1635811200");
  EXPECT_EQ(Made("{{unixToTime \"1635811200000\" | unixEpoch}} {{now | unixEpochMillis}}"),
            "1635811200 1761832800000");
  EXPECT_EQ(Made("{{toDateInZone \"2006-01-02\" \"Europe/Berlin\" \"2021-11-02\" | unixEpoch}}"),
            "1635807600");
}

TEST(TemplateTest, Errors) {  // REQ Q-01
  EXPECT_THAT(Made("{{.a"), HasSubstr("expected }}"));
  EXPECT_THAT(Made("{{"), HasSubstr("expected a value"));
  EXPECT_THAT(Made("{{nope .a}}"), HasSubstr("function \"nope\" not defined, at column 3"));
  EXPECT_THAT(Made("{{if .a}}x"), HasSubstr("has no {{end}}"));
  EXPECT_THAT(Made("{{end}}"), HasSubstr("ends nothing"));
  EXPECT_THAT(Made("{{\"x}}"), HasSubstr("never closed"));
  EXPECT_THAT(Made("{{$y}}"), HasSubstr("undefined variable"));
  EXPECT_THAT(Made("{{break}}"), HasSubstr("outside of range"));
  EXPECT_THAT(Made("{{.a | .b}}"), HasSubstr("must be a function"));
  EXPECT_THAT(Made("{{.a.b}}"), HasSubstr("failed: can't evaluate field b"));
  EXPECT_THAT(Made("{{add}}"), HasSubstr("wrong number of args for add"));
  EXPECT_THAT(Made("{{repeat 1000000000 \"abc\"}}"), HasSubstr("longer than"));
  EXPECT_THAT(Made("{{regexReplaceAll \"(\" .a \"\"}}"), HasSubstr("bad regular expression"));
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "{{if .a}}";
  EXPECT_THAT(Made(deep), HasSubstr("nest deeper"));
  EXPECT_THAT(Made("{{" + std::string(5000, '(')), HasSubstr("nest deeper"));
}

}  // namespace
}  // namespace taffrail::query::templates
