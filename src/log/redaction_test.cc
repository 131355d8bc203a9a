// Redaction as a program has it: on in a configuration, before any sink, in both modes.
#include "log/redaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "log/environment.h"
#include "log/presets.h"
#include "taffrail/log.h"
#include "taffrail/sinks.h"

namespace taffrail {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kPassword = "correct-horse-7battery";
const std::string kCard = "4111" + std::string("1111") + "11111111";

class RedactionTest : public testing::TestWithParam<bool> {
 protected:
  void Init(RedactionConfig redaction, std::string layout = "nested") {
    memory_ = std::make_shared<MemorySink>(1000);
    Config config;
    config.level = Level::kTrace;
    config.sinks = {{memory_, Level::kTrace, std::move(layout)}};
    config.synchronous = GetParam();
    config.redaction = std::move(redaction);
    config.redaction.enabled = true;
    init(config);
  }
  ~RedactionTest() override { init({}); }
  std::string Lines() {
    EXPECT_TRUE(flush());
    std::string all;
    for (const std::string& line : memory_->lines()) all += line;
    return all;
  }

  std::shared_ptr<MemorySink> memory_;
  const Logger log_{"t"};
};
INSTANTIATE_TEST_SUITE_P(, RedactionTest, testing::Bool(),
                         [](const auto& param) { return param.param ? "Synchronous" : "Asynchronous"; });

// REQ U-04
TEST_P(RedactionTest, NothingSecretReachesASink) {
  for (const char* layout : {"nested", "flat", "dotted", "text"}) {
    Init({}, layout);
    log_.info("login", kv("password", kPassword), kv("card", kCard), kv("note", "mail to user@example.com"),
              kv("url", "postgres://app:" + kPassword + "@db1/tasks"), kv("count", 42));
    log_.info(
        std::string("token=" + std::string("9f8e7d6c5b4a39281706f5e4") + " of a message made at run time"));
    const BoundLogger bound = log_.with({{"api_key", kPassword}});
    bound.info("of a logger that has one");
    try {
      throw std::runtime_error("connecting with password=" + kPassword + " failed");
    } catch (const std::exception& failure) {
      log_.error("failed", error(failure));
    }
    const std::string lines = Lines();
    EXPECT_THAT(lines, Not(HasSubstr(kPassword))) << layout;
    EXPECT_THAT(lines, Not(HasSubstr(kCard))) << layout;
    EXPECT_THAT(lines, Not(HasSubstr("user@"))) << layout;
    EXPECT_THAT(lines, Not(HasSubstr("9f8e7d6c5b4a"))) << layout;
    EXPECT_THAT(lines, HasSubstr("u***@example.com")) << layout;
    EXPECT_THAT(lines, HasSubstr("42")) << layout;
  }
}

TEST_P(RedactionTest, FieldsByTheirPaths) {
  Init({.fields = {{"user.email", "hash"},
                   {"internal", "remove"},
                   {"phone", "keep-last-4"},
                   {"public_key", "keep"}},
        .hash_key = "k"});
  log_.info("m", kv("user.email", "a@example.com"), kv("internal", 7), kv("phone", "+49 30 123456789"),
            kv("public_key", kCard));
  const std::string lines = Lines();
  EXPECT_THAT(lines, HasSubstr(R"("user.email":"***)"));
  EXPECT_THAT(lines, Not(HasSubstr("internal")));
  EXPECT_THAT(lines, HasSubstr(R"("phone":"***6789")"));
  EXPECT_THAT(lines, HasSubstr(kCard));
}

TEST_P(RedactionTest, ACanaryNeverComesOut) {
  const std::string canary = "cnry-51b27a9f";
  Init({.canary = canary});
  log_.info("canary is " + canary + " here", kv("a", canary), kv("b", "x=" + canary),
            kv("c", "(" + canary + ")"));
  const std::string lines = Lines();
  EXPECT_THAT(lines, Not(HasSubstr(canary)));
  EXPECT_THAT(lines, HasSubstr("here"));
}

TEST(Redaction, CountsByRule) {
  const auto redactor = make_redactor({});
  ASSERT_NE(redactor, nullptr);
  std::string out;
  EXPECT_TRUE(redactor->scan("to user@example.com and me@example.com", out));
  EXPECT_EQ(redactor->judge_key("a.password"), Redactor::KeyVerdict::kReplace);
  redactor->replace("a.password", kPassword, out);
  const auto counts = redaction_counts(*redactor);
  EXPECT_EQ((std::map<std::string, uint64_t>(counts.begin(), counts.end())),
            (std::map<std::string, uint64_t>{{"email", 2}, {"secret-field", 1}}));
}

TEST(Redaction, MistakesInCodeAreToldAndTheBuiltInRulesStay) {
  std::string error;
  EXPECT_EQ(make_redactor({.fields = {{"a", "blur"}}}, &error), nullptr);
  EXPECT_THAT(error, HasSubstr("mask, remove, hash, keep-last-4"));
  Config config;
  config.redaction = {.enabled = true, .fields = {{"a", "blur"}}};
  testing::internal::CaptureStderr();
  log::AddRedactor(config);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("there is no action \"blur\""));
  ASSERT_NE(config.redactor, nullptr);
  EXPECT_EQ(config.redactor->judge_key("password"), Redactor::KeyVerdict::kReplace);
}

TEST(Redaction, PresetsAndVariables) {
  EXPECT_TRUE(log::Preset("production", "").redaction.enabled);
  EXPECT_TRUE(log::Preset("staging", "").redaction.enabled);
  EXPECT_FALSE(log::Preset("development", "").redaction.enabled);
  const std::map<std::string, const char*> variables = {
      {"LOG_REDACT", "on"}, {"LOG_REDACT_FIELDS", "user.email=hash,nick"}, {"LOG_REDACT_HASH_KEY", "k"}};
  Config config;
  const auto report = log::ApplyEnvironment(
      [&](const char* name) -> const char* {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second;
      },
      config);
  EXPECT_TRUE(report.troubles.empty());
  EXPECT_TRUE(config.redaction.enabled);
  ASSERT_EQ(config.redaction.fields.size(), 2U);
  EXPECT_EQ(config.redaction.fields[0].action, "hash");
  EXPECT_EQ(config.redaction.fields[1].path, "nick");
  EXPECT_EQ(config.redaction.hash_key, "k");
}

}  // namespace
}  // namespace taffrail
