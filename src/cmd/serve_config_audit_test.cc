#include "cmd/serve_config_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

namespace taffrail::cmd {
namespace {

using ::testing::HasSubstr;

constexpr char kKey[] = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

AuditConfigError Apply(const std::string& text, server::AuditOptions& options) {
  return ApplyAuditConfig(YAML::Load(text), options);
}

// REQ U-02
TEST(ServeConfigAudit, SetsWhatItSays) {
  server::AuditOptions options;
  const AuditConfigError error = Apply(
      "name: logs.example.com\n"
      "required: reject\n"
      "on_failure: keep\n"
      "required_fields: {who: [user_id, user], what: action}\n"
      "rules: [{class: security, when: 'category:security AND -path:/health'}]\n"
      "personal: [ip_address, 'details.*']\n"
      "signer: [/usr/local/bin/hsm, --slot, '1']\n"
      "checkpoint_interval_ms: 250\n"
      "witnesses: [{url: 'http://w:4880/x', key: '" +
          std::string(kKey) + "'}]\nwitness_for: ['" + kKey +
          "']\nrisk: true\nretention: {audit: 2555d, '*': 30d}\n",
      options);
  ASSERT_EQ(error.line, -1) << error.message;
  EXPECT_EQ(options.name, "logs.example.com");
  EXPECT_EQ(options.policy.incomplete, ingest::IncompletePolicy::kReject);
  EXPECT_EQ(options.policy.on_failure, ingest::FailurePolicy::kKeep);
  ASSERT_EQ(options.policy.required.size(), 2U);
  EXPECT_EQ(options.policy.required[1].paths, std::vector<std::string>{"action"});
  ASSERT_EQ(options.policy.rules.size(), 1U);
  EXPECT_EQ(options.policy.rules[0].ledger_class, "security");
  EXPECT_FALSE(options.policy.subject_fields.empty());  // a default, once something is personal
  EXPECT_EQ(options.signer.size(), 3U);
  EXPECT_EQ(options.checkpoint_interval_ms, 250);
  EXPECT_EQ(options.witnesses.at(0).key.ToString(), kKey);
  EXPECT_EQ(options.witness_logs.size(), 1U);
  EXPECT_TRUE(options.risk);
  EXPECT_EQ(options.retention["audit"], int64_t{2555} * 86'400'000'000'000);
  EXPECT_EQ(options.retention["*"], int64_t{30} * 86'400'000'000'000);
}

TEST(ServeConfigAudit, MistakesSayTheirLineAndTheFix) {
  const auto expect = [](const std::string& text, int line, const std::string& message) {
    server::AuditOptions options;
    const AuditConfigError error = Apply(text, options);
    EXPECT_EQ(error.line, line) << text;
    EXPECT_THAT(error.message, HasSubstr(message)) << text;
  };
  expect("name: x\ntypo: 1\n", 1, "there is no audit.typo");
  expect("required: maybe\n", 0, "one of accept, mark, reject");
  expect("checkpoint_records: many\n", 0, "whole number from 1 to");
  expect("retention: 7\n", 0, "in days, as in 2555d");
  expect("retention:\n  audit: 0d\n", 1, "in days");
  expect("rules: [{class: a}]\n", 0, "two keys, class and when");
  expect("rules:\n  - {class: a, when: 'x:\"'}\n", 1, "");
  expect("rules: [{class: a, when: 'x:1 | stats count()'}]\n", 0, "");
  expect("witness_for: ['not a key']\n", 0, "not a verifier key");
  expect("witnesses: [{url: 'http://w'}]\n", 0, "url and key");
  expect("personal: {a: 1}\n", 0, "must be a list");
  expect("required_fields: [who]\n", 0, "holds questions");
  expect("- a\n", 0, "audit holds keys");
}

}  // namespace
}  // namespace taffrail::cmd
