#include "ingest/suspect_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "record/batch_builder.h"
#include "record/json_writer.h"
#include "redact/policy.h"
#include "redact/rule.h"

namespace taffrail::ingest {
namespace {

// Values are put together from pieces, so that this file holds nothing that looks like a live credential.
const std::string kPassword = "correct-horse-7battery";
const std::string kCard = "4111" + std::string("1111") + "11111111";

std::shared_ptr<const redact::Policy> BuiltIn() { return *redact::Policy::Make({}); }

std::vector<bool> SuspectsOf(const std::vector<std::string>& lines, const redact::Policy& policy) {
  record::BatchBuilder builder;
  for (const std::string& line : lines) builder.Append(line, 0);
  return SuspectRows(builder.Finish(), policy);
}

std::string Quoted(std::string_view text) {
  std::string out;
  record::AppendJsonString(text, out);
  return out;
}

// Lines of keys, values and texts that may be of a secret, put together at random: whole, cut in two fields,
// as names and values of their own, in arrays, escaped, and as text.
class Lines {
 public:
  Lines() {
    for (const redact::Rule& rule : redact::BuiltinRules())
      values_.push_back(std::string(rule.context.empty() ? "" : "token ") + redact::ExpandCase(rule.catches));
    for (const char* harmless : {"ok", "", "GET", "Access token accepted", "curl/8.5.0", "redis", "secret",
                                 "7f3a-4111-22", "a \"b\" c", "c:\\temp", "two\nlines", "\u00e9"})
      values_.emplace_back(harmless);
    const std::vector<std::string> secrets = {kPassword,
                                              kCard,
                                              "4111 1111 " + std::string("1111 1111"),
                                              std::string("anna@example.com"),
                                              "password=" + kPassword,
                                              "password: " + kPassword,
                                              "Bearer " + std::string(32, 'x') + "9Q2",
                                              "postgres://app:" + kPassword + "@db/app",
                                              "curl -u me:" + kPassword + " https://x",
                                              "-u",
                                              "me:" + kPassword,
                                              "curl",
                                              std::string("anna at gmail.com"),
                                              "user root password " + kPassword,
                                              std::string("078 05 1120"),
                                              std::string("SSN"),
                                              "GB82" + std::string("WEST12345698765432"),
                                              "\"password\": \"" + kPassword + "\"",
                                              "<password>" + kPassword + "</password>",
                                              std::string("="),
                                              std::string("user:")};
    values_.insert(values_.end(), secrets.begin(), secrets.end());
  }

  std::string Next() {
    switch (random_() % 8) {
      case 0:
        return Value() + " " + Value();
      case 1:
        return R"({"name":)" + Quoted(Name()) + R"(,"value":)" + Quoted(Value()) + "}";
      case 2:
        return R"({"a":{)" + Quoted(Name()) + ":" + Any() + R"(},"list":[)" + Any() + "," + Any() + "]}";
      case 3: {
        const std::string value = Value();
        const size_t at = random_() % (value.size() + 1);
        return R"({"x":)" + Quoted(value.substr(0, at)) + ", " + Quoted(Name()) + " : " +
               Quoted(value.substr(at)) + "}";
      }
      case 4:
        return R"({"m":"\u0070assword=)" + kPassword + R"(","n":)" + Any() + "}";
      default: {
        std::string line = "{";
        for (size_t i = 0; i < 1 + random_() % 4; ++i)
          line += (i == 0 ? "" : ",") + Quoted(Name()) + ":" + Any();
        return line + "}";
      }
    }
  }

 private:
  std::string Name() {
    constexpr const char* kNames[] = {"password", "token",  "api_key", "authorization", "message",
                                      "ssn",      "cookie", "card",    "@timestamp",    "session_id",
                                      "id",       "value",  "name",    "keyboard",      "to"};
    return kNames[random_() % std::size(kNames)];
  }
  std::string Value() { return values_[random_() % values_.size()]; }
  std::string Any() {
    constexpr const char* kOthers[] = {"null", "true", "17", "1.5e300", "1767600000123", "4111.25"};
    switch (random_() % 6) {
      case 0:
        return kOthers[random_() % std::size(kOthers)];
      case 1:
        return kCard;
      default:
        return Quoted(random_() % 4 == 0 ? Name() : Value());
    }
  }

  std::mt19937_64 random_{7};
  std::vector<std::string> values_;
};

// REQ U-04
TEST(SuspectRows, WhereSomethingIsFoundTheRowWasASuspect) {
  const auto policy = BuiltIn();
  redact::Scratch scratch;
  Lines lines;
  size_t found = 0;
  size_t cleared = 0;
  for (int batch = 0; batch < 20; ++batch) {
    std::vector<std::string> texts;
    for (int i = 0; i < 1000; ++i) texts.push_back(lines.Next());
    const std::vector<bool> suspects = SuspectsOf(texts, *policy);
    for (size_t row = 0; row < texts.size(); ++row) {
      policy->Find(texts[row], scratch);
      found += scratch.findings.empty() ? 0 : 1;
      cleared += suspects[row] ? 0 : 1;
      EXPECT_TRUE(scratch.findings.empty() || suspects[row]) << texts[row];
    }
  }
  EXPECT_GT(found, 10'000U);
  EXPECT_GT(cleared, 1'000U);
}

TEST(SuspectRows, WhatLogsAreFullOfIsNoSuspect) {
  const std::vector<std::string> lines = {
      R"({"@timestamp":"2026-01-05T08:00:00.000Z","session_count":3,"message":"Access token accepted"})",
      R"({"event":"auth.token.ok","scheme":"Bearer","logger":"redis.client","host":"docker-7"})",
      R"({"time":1767600000123,"ratio":0.0006990432739257813,"path":"/api/v1/auth/login"})",
      R"({"message":"reads \"a\"\nand b","trace_id":"491718de357e3da885e7bb0f12278575"})",
      "GET /keyboard 200 17 Mozilla/5.0",
  };
  const std::vector<bool> suspects = SuspectsOf(lines, *BuiltIn());
  for (size_t row = 0; row < lines.size(); ++row) EXPECT_FALSE(suspects[row]) << lines[row];
}

TEST(SuspectRows, OnlyTheRowsThatHaveIt) {
  std::vector<std::string> lines;
  for (int i = 0; i < 1000; ++i)
    lines.push_back(R"({"message":")" + std::string(i % 10 == 3 ? "to anna@example.com" : "done") + R"("})");
  const std::vector<bool> suspects = SuspectsOf(lines, *BuiltIn());
  for (size_t row = 0; row < lines.size(); ++row) EXPECT_EQ(suspects[row], row % 10 == 3) << row;
}

TEST(SuspectRows, AllRowsWhereARuleCannotBeToldFromPieces) {
  const std::vector<std::string> lines = {R"({"a":"b"})", "text"};
  for (const redact::PolicyOptions& options :
       {redact::PolicyOptions{.fields = {{"user.email", redact::Action::kMask}}},
        redact::PolicyOptions{.engine = {.rules = {{.id = "pair", .pattern = "a\":\"[a-z]{1,9}"}}}}}) {
    const auto policy = redact::Policy::Make(options);
    ASSERT_TRUE(policy.ok()) << policy.status();
    EXPECT_EQ(SuspectsOf(lines, **policy), std::vector<bool>(2, true));
  }
}

}  // namespace
}  // namespace taffrail::ingest
