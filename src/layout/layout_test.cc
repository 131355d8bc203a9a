#include "layout/layout.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "layout/line_for_tests.h"
#include "layout/plan.h"
#include "taffrail/context.h"
#include "taffrail/log.h"

namespace taffrail::layout {
namespace {

std::string Render(Layout& layout, const Line& line) {
  SitePlans plans;
  OutBuffer out;
  layout.Append(line, plans, out);
  layout.Append(line, plans, out);  // once more, with the plan that is there by now
  const std::string_view both = out.view();
  EXPECT_EQ(both.substr(0, both.size() / 2), both.substr(both.size() / 2));
  EXPECT_EQ(out.back(), '\n');
  return std::string(both.substr(0, both.size() / 2 - 1));
}

std::string Render(std::string_view name, const Line& line, const Options& options = {}) {
  const auto layout = MakeLayout(name, {}, options);
  return Render(*layout, line);
}

TEST(LayoutTest, NestedByValues) {
  CallForTests call("Task created");
  call.Add("id", std::string("req_8f4e2b1c")).Add("n", 45).Add("f", 0.5).Add("ok", true).Add("none", nullptr);
  call.Add("took", std::chrono::milliseconds(3)).Add("u", UINT64_MAX);
  const std::string expected =
      R"({"timestamp":"2025-10-30T14:23:45.123Z","level":"INFO","service":"api","logger":"tasks.service",)"
      R"("message":"Task created","metadata":{"id":"req_8f4e2b1c","n":45,"f":0.5,"ok":true,"none":null,)"
      R"("took_ms":3,"u":18446744073709551615}})";
  EXPECT_EQ(Render("nested", call.ByValues(), {.process = {.service = "api"}}), expected);
  EXPECT_EQ(Render("nested", call.Encoded(), {.process = {.service = "api"}}), expected);
}

// What stands between the braces of the fields, in a layout that has them alone.
const LayoutConfig kFieldsOnly{
    .name = "f",
    .slots = {
        {"message", SlotValue::kMessage}, {"", SlotValue::kContextInline}, {"", SlotValue::kMetadataInline}}};

std::string FieldsOf(const Line& line, Redactor* redactor = nullptr) {
  const auto layout = MakeLayout("f", std::vector{kFieldsOnly}, {.redactor = redactor});
  return Render(*layout, line);
}

// REQ L-01: never a key twice. Both ways agree.
TEST(LayoutTest, OfEqualKeysTheLastAndInnermostCounts) {
  const Scope scope({{"a", "context"}, {"b", "context"}, {"c", "context"}});
  detail::Frame* const bound =
      detail::make_bound_frame(nullptr, {{"b", "bound"}, {"d", "bound"}, {"took_ms", 1}});
  CallForTests call("m");
  call.Add("c", 1).Add("x", 2).Add("c", 3).Add("took", std::chrono::milliseconds(4)).Add("message", 5);
  for (Line line : {call.ByValues(), call.Encoded()}) {
    line.context = detail::current_frame;
    line.bound = bound;
    EXPECT_EQ(FieldsOf(line),
              R"({"message":"m","a":"context","b":"bound","d":"bound","x":2,"c":3,"took_ms":4,)"
              R"("fields.message":5})");
  }
  detail::drop_bound_frame(bound);
}

TEST(LayoutTest, KeysThatBecomeEqualAreEqual) {
  CallForTests call("m");
  call.Add("\xff", 1).Add("\xfe", 2);
  EXPECT_EQ(FieldsOf(call.ByValues()), "{\"message\":\"m\",\"\xEF\xBF\xBD\":2}");
  EXPECT_EQ(FieldsOf(call.Encoded()), "{\"message\":\"m\",\"\xEF\xBF\xBD\":2}");
}

TEST(LayoutTest, WhatIsEmptyIsLeftOut) {
  CallForTests call("m", "");
  EXPECT_EQ(Render("nested", call.ByValues()),
            R"({"timestamp":"2025-10-30T14:23:45.123Z","level":"INFO","message":"m"})");
  EXPECT_EQ(Render("otel", call.Encoded(), {.fraction_digits = 9}),
            R"({"Timestamp":"2025-10-30T14:23:45.123456789Z","SeverityText":"INFO","SeverityNumber":9,)"
            R"("Body":"m"})");
}

TEST(LayoutTest, DottedFlattensObjectsOfScopes) {
  const Scope scope({{"http", {{"method", "GET"}, {"status", 200}}}, {"correlation_id", "c1"}});
  CallForTests call("m", "l");
  call.Add("user_id", std::string("u")).Add("n", 1);
  Line line = call.ByValues();
  line.context = detail::current_frame;
  EXPECT_EQ(Render("dotted", line),
            R"({"@timestamp":"2025-10-30T14:23:45.123Z","log.level":"INFO","message":"m","log.logger":"l",)"
            R"("trace.correlation_id":"c1","user.id":"u","http.method":"GET","http.status":200,"n":1})");
}

class Masker : public Redactor {
 public:
  KeyVerdict judge_key(std::string_view path) override {
    ++judged;
    if (path == "user.password" || path == "password") return KeyVerdict::kReplace;
    if (path == "gone") return KeyVerdict::kRemove;
    if (path == "left") return KeyVerdict::kLeave;
    if (path == "throws") throw std::runtime_error("redactor");
    return KeyVerdict::kScan;
  }
  void replace(std::string_view /*path*/, std::string_view value, std::string& out) override {
    out.append("<" + std::to_string(value.size()) + ">");
  }
  bool scan(std::string_view text, std::string& out) override {
    // Any sixteen digits in a row.
    size_t digits = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      digits = text[i] >= '0' && text[i] <= '9' ? digits + 1 : 0;
      if (digits != 16) continue;
      out.append(text.substr(0, i - 15)).append("[card]").append(text.substr(i + 1));
      return true;
    }
    return false;
  }
  int judged = 0;
};

TEST(RedactionTest, KeysAreJudgedOnceAndTextIsScanned) {
  Masker masker;
  const Scope scope(
      {{"user", {{"password", "secret"}, {"name", "n"}}}, {"gone", "x"}, {"card", "4111111111111111"}});
  CallForTests call("m");
  call.Add("password", 12345).Add("gone", 1).Add("left", std::string("4111111111111111"));
  call.Add("text", std::string("card 4111111111111111!")).Add("throws", std::string("x")).Add("n", 1);
  for (Line line : {call.ByValues(), call.Encoded()}) {
    line.context = detail::current_frame;
    EXPECT_EQ(FieldsOf(line, &masker),
              R"({"message":"m","user":{"password":"<6>","name":"n"},"card":"[card]","password":"<5>",)"
              R"("left":"4111111111111111","text":"card [card]!","throws":"***","n":1})");
  }
  const auto layout = MakeLayout("f", std::vector{kFieldsOnly}, {.redactor = &masker});
  SitePlans plans;
  OutBuffer out;
  Line line = call.ByValues();
  layout->Append(line, plans, out);
  const int judged = masker.judged;
  for (int i = 0; i < 100; ++i) layout->Append(line, plans, out);
  EXPECT_EQ(masker.judged, judged);
}

TEST(RedactionTest, AMessageMadeAtRunTimeIsScanned) {
  Masker masker;
  CallForTests call("m");
  Line line = call.ByValues();
  const std::string message = "paid with 4111111111111111";
  line.message = message;
  EXPECT_EQ(FieldsOf(line, &masker), R"({"message":"paid with [card]"})");
}

TEST(PlanTest, FunctionNames) {
  EXPECT_EQ(FunctionName("create_app"), "create_app");
  EXPECT_EQ(FunctionName("void {anonymous}::create_app(const taffrail::Logger&)"), "create_app");
  EXPECT_EQ(FunctionName("std::map<int, T> ns::F<T>::Go(std::pair<int, int>) [with T = int]"),
            "ns::F<T>::Go");
  EXPECT_EQ(FunctionName("virtual Value& A::operator()(int)"), "A::operator()");
  EXPECT_EQ(FunctionName("A::operator bool() const"), "A::operator bool");
  EXPECT_EQ(FunctionName("main(int, char**)::<lambda()>"), "main");
  EXPECT_EQ(FunctionName(""), "");
}

}  // namespace
}  // namespace taffrail::layout
