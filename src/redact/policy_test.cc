#include "redact/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace taffrail::redact {
namespace {

using testing::HasSubstr;

std::shared_ptr<const Policy> MakePolicy(std::vector<FieldRule> fields,
                                         std::vector<RuleAction> actions = {}) {
  auto policy = Policy::Make({.engine = {.masks = {.hash_key = "k"}}, .fields = fields, .actions = actions});
  EXPECT_TRUE(policy.ok()) << policy.status();
  return *policy;
}

std::string Redact(const Policy& policy, std::string_view text) {
  Scratch scratch;
  std::string out;
  const std::string once = policy.Redact(text, scratch, out) ? out : std::string(text);
  std::string twice;
  EXPECT_FALSE(policy.Redact(once, scratch, twice)) << "not the same twice: " << once << "\n" << twice;
  std::string lines;
  EXPECT_EQ(policy.RedactLines(text, scratch, lines) ? lines : std::string(text), once);
  return once;
}

std::string ErrorOf(std::vector<FieldRule> fields, std::vector<RuleAction> actions = {}) {
  return std::string(Policy::Make({.fields = fields, .actions = actions}).status().message());
}

// REQ U-04
TEST(Policy, PathsSayWhichFields) {
  struct Case {
    std::string path, line, masked;
  };
  for (const Case& c : std::vector<Case>{
           {"nick", R"({"nick":"joe","a":{"nick":"ann","b":[{"Nick":"bob"}]}})",
            R"({"nick":"***","a":{"nick":"***","b":[{"Nick":"***"}]}})"},
           {"a.b", R"({"a":{"b":"x","c":"y"},"b":"z","d":{"a":{"b":"w"}}})",
            R"({"a":{"b":"***","c":"y"},"b":"z","d":{"a":{"b":"w"}}})"},
           {"a.b", R"({"a.b":"x","a":[{"b":"y"},{"c":"z"}]})",
            R"({"a.b":"***","a":[{"b":"***"},{"c":"z"}]})"},
           {"a[*].b", R"({"a":[{"b":"x"},{"b":7}]})", R"({"a":[{"b":"***"},{"b":"***"}]})"},
           {"a[*].b", R"({"a":{"b":"x"}})", R"({"a":{"b":"x"}})"},
           {"*.note", R"({"note":"x","a":{"note":"y","b":{"note":"z"}}})",
            R"({"note":"x","a":{"note":"***","b":{"note":"z"}}})"},
           {"**.note", R"({"note":"x","a":{"b":{"note":"z"}}})",
            R"({"note":"***","a":{"b":{"note":"***"}}})"},
           {"in.**", R"({"in":{"a":1,"b":{"c":[1,2]}},"out":1})", R"({"in":"***","out":1})"},
           {"user_name", R"({"userName":"x","USER-NAME":"y","username":"z"})",
            R"({"userName":"***","USER-NAME":"***","username":"***"})"},
           {"tags[*]", R"({"tags":["x", "y"],"t":[1]})", R"({"tags":["***", "***"],"t":[1]})"},
           {"ni\u00f1o", "{\"ni\u00f1o\":\"x\",\"ni\\u00f1o\":\"y\"}",
            "{\"ni\u00f1o\":\"***\",\"ni\\u00f1o\":\"***\"}"},
           {"a", R"({"a":null,"b":{"a":""},"c":{"a":true},"d":{"a":-1.5e3}})",
            R"({"a":null,"b":{"a":""},"c":{"a":"***"},"d":{"a":"***"}})"},
       }) {
    EXPECT_EQ(Redact(*MakePolicy({{c.path}}), c.line), c.masked) << c.path;
  }
}

TEST(Policy, ActionsSayWhatIsLeft) {
  const std::string card = "4111" + std::string("1111") + "11111111";
  const auto act = [](Action action, const std::string& line) {
    return Redact(*MakePolicy({{"x", action}}), line);
  };
  EXPECT_EQ(act(Action::kKeepLast4, R"({"x":"1234567890123456","y":1})"), R"({"x":"***3456","y":1})");
  EXPECT_EQ(act(Action::kKeepLast4, R"({"x":1234567890123456})"), R"({"x":"***3456"})");
  EXPECT_EQ(act(Action::kPartial, R"({"x":"abcdefghijklmnopqrstuvwxyz0123"})"), R"({"x":"abcd...0123"})");
  EXPECT_EQ(act(Action::kPartial, R"({"x":"short"})"), R"({"x":"***"})");
  EXPECT_EQ(act(Action::kKeep, R"({"x":")" + card + R"(","y":")" + card + R"("})"),
            R"({"x":")" + card + R"(","y":"***1111"})");
  // Equal values are equal still, however they are written; others are not.
  const std::string hashed = act(Action::kHash, R"(["\u0061b",{"x":"ab"},{"x":"\u0061b"},{"x":"ac"}])");
  const size_t first = hashed.find("***");
  const std::string hash = hashed.substr(first, 19);
  EXPECT_NE(hashed.find(hash, first + 1), std::string::npos) << hashed;
  EXPECT_EQ(act(Action::kHash, R"({"x":"ab"})"), "{\"x\":\"" + hash + "\"}");
  EXPECT_NE(act(Action::kHash, R"({"x":"ac"})"), "{\"x\":\"" + hash + "\"}");
}

TEST(Policy, WhatIsRemovedTakesItsCommaAlong) {
  const auto policy = MakePolicy({{"x", Action::kRemove}, {"z", Action::kRemove}, {"a[*]", Action::kRemove}});
  for (const auto& [line, left] : std::vector<std::pair<std::string, std::string>>{
           {R"({"x":1})", "{}"},
           {R"({"x":1,"y":2})", R"({"y":2})"},
           {R"({"x":1 , "y":2})", R"({"y":2})"},
           {R"({"y":2, "x":{"q":[1,"}"]} })", R"({"y":2})"},
           {R"({"x":1,"z":2})", "{}"},
           {R"({"x":1,"y":0,"z":2})", R"({"y":0})"},
           {R"({"y":0,"x":1,"z":2,"w":3})", R"({"y":0,"w":3})"},
           {R"({"a":[1,2],"y":{"x":1}})", R"({"a":[],"y":{}})"},
       }) {
    EXPECT_EQ(Redact(*policy, line), left) << line;
  }
}

// What stops being JSON is masked as far as it goes; nothing is read beyond it, nothing shown of a cut value.
TEST(Policy, LinesThatAreNoJson) {
  const auto policy = MakePolicy({{"x"}});
  EXPECT_EQ(Redact(*policy, R"({"y":1,"x":"tell no o)"), R"({"y":1,"x":"***)");
  EXPECT_EQ(Redact(*policy, R"({"x":"a","y":)"), R"({"x":"***","y":)");
  EXPECT_EQ(Redact(*policy, "x is no field here"), "x is no field here");
  EXPECT_EQ(Redact(*policy, R"({"x")"), R"({"x")");
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += R"({"a":)";
  EXPECT_EQ(Redact(*policy, deep), deep);
}

TEST(Policy, FieldsAndTextTogether) {
  const auto policy = MakePolicy({{"user.email", Action::kHash}, {"safe", Action::kKeep}});
  const std::string line =
      R"({"user":{"email":"a@example.com"},"m":"mail to bob@example.com","safe":"c@example.com"})";
  const std::string out = Redact(*policy, line);
  EXPECT_THAT(out, HasSubstr(R"("m":"mail to b***@example.com","safe":"c@example.com")"));
  EXPECT_THAT(out, HasSubstr(R"({"user":{"email":"***)"));
}

TEST(Policy, RulesMayBeToldWhatToDo) {
  const auto policy = MakePolicy({}, {{"email", Action::kHash}, {"iban", Action::kKeep}});
  const std::string iban = "GB82" + std::string("WEST") + "12345698765432";
  EXPECT_EQ(Redact(*policy, "to " + iban), "to " + iban);
  EXPECT_EQ(Redact(*policy, "of a@example.com").substr(0, 6), "of ***");
  EXPECT_EQ(Redact(*policy, "of a@example.com").size(), 22U);
}

TEST(Policy, AFieldByItself) {
  const auto policy = MakePolicy({{"user.ssn", Action::kKeepLast4}, {"hidden", Action::kRemove}});
  EXPECT_EQ(policy->Judge("user.ssn").action, Action::kKeepLast4);
  EXPECT_EQ(policy->Judge("a.b.hidden").action, Action::kRemove);
  EXPECT_EQ(policy->Judge("a.password").kind, NameKind::kSecret);
  EXPECT_EQ(policy->Judge("secrets.enabled").kind, NameKind::kNone);
  std::string out;
  EXPECT_TRUE(policy->Replace(policy->Judge("password"), "hunter2", out));
  EXPECT_EQ(out, "***");
  EXPECT_FALSE(policy->Replace(policy->Judge("password"), "${PASSWORD}", out));
}

TEST(Policy, MistakesSayWhatWouldBeRight) {
  EXPECT_THAT(ErrorOf({{""}}), HasSubstr("names no field"));
  EXPECT_THAT(ErrorOf({{"a..b"}}), HasSubstr("a dot without a name"));
  EXPECT_THAT(ErrorOf({{"a[0].b"}}), HasSubstr("[*] is every element"));
  EXPECT_THAT(ErrorOf({{"a.b*"}}), HasSubstr("a * within a name"));
  EXPECT_THAT(ErrorOf({{"**.a.**.b.**.c.**"}}), HasSubstr("more than 3 times **"));
  EXPECT_THAT(ErrorOf({{"a", Action::kHash}}), HasSubstr("needs a hash_key"));
  EXPECT_THAT(ErrorOf({}, {{"no-such", Action::kMask}}), HasSubstr("there is no rule \"no-such\""));
  EXPECT_THAT(ErrorOf({}, {{"email", Action::kHash}}), HasSubstr("needs a hash_key"));
  EXPECT_EQ(ActionOf("last4"), Action::kKeepLast4);
  EXPECT_EQ(ActionOf("blur"), std::nullopt);
}

TEST(PolicyCasesTest, ARuleThatFailsItsOwnCaseIsNamed) {
  const auto made = [](std::vector<RuleCase> cases, std::vector<RuleAction> actions = {}) {
    PolicyOptions options;
    options.engine.rules = {{.id = "ticket", .pattern = "TCK-[A-Z0-9]{12}", .cases = std::move(cases)}};
    options.actions = std::move(actions);
    return std::string(Policy::Make(options).status().message());
  };
  EXPECT_EQ(made({{"see TCK-{upper36:12}", true}, {"TCK-SHORT", false}, {"TCK-{hexup:13}", false}}), "");
  EXPECT_EQ(made({{"TCK-{upper36:12}", true}, {"TCK-SHORT", true}}),
            "rule ticket, case 2: finds nothing in \"TCK-SHORT\"");
  EXPECT_EQ(made({{"TCK-AAAABBBBCCC7", false}}),
            "rule ticket, case 1: takes what it is to leave: \"TCK-AAAABBBBCCC7\"");
  // Another detector's finding is not this rule's.
  EXPECT_NE(made({{"password=correct-horse-7battery", true}}), "");
  EXPECT_EQ(made({{"nothing", true}}, {{.rule = "ticket", .action = Action::kKeep}}), "");  // it is off
}

}  // namespace
}  // namespace taffrail::redact
