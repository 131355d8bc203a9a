#include "ingest/audit_door.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "expr/text.h"
#include "record/batch_builder.h"
#include "record/row_cursor.h"

namespace taffrail::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kComplete[] =
    R"({"timestamp":"2026-01-01T00:00:00Z","security_level":"audit","event":"token_issued","user":"anna",)"
    R"("provider":"google","ip_address":"192.0.2.7"})";

class AuditDoorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = ::testing::TempDir() + "audit_door_" + std::to_string(getpid());
    std::filesystem::remove_all(dir_);
    std::filesystem::create_directories(dir_);
    ledgers_.emplace(ledger::LedgersOptions{.data_dir = dir_, .env = &env_});
    subjects_ = *ledger::SubjectKeys::Open(env_, dir_ + "/subjects.db");
  }
  void TearDown() override {
    ledgers_.reset();
    std::filesystem::remove_all(dir_);
  }

  static record::RecordBatch Batch(const std::vector<std::string>& lines) {
    record::BatchBuilder builder;
    builder.SetStream({{"app", "x"}});
    for (const std::string& line : lines) builder.Append(line, 1'700'000'000'000'000'000);
    return builder.Finish();
  }
  static std::vector<std::string> Lines(const std::vector<record::RecordBatch>& batches) {
    std::vector<std::string> lines;
    for (const record::RecordBatch& batch : batches) {
      record::RowCursor cursor(batch);
      for (size_t i = 0; i < batch.rows(); ++i) {
        cursor.MoveTo(i);
        cursor.AppendLine(lines.emplace_back());
        EXPECT_EQ(batch.streams[batch.stream_of(i)].labels.size(), 1U);
      }
    }
    return lines;
  }
  // What a ledger holds.
  std::vector<std::string> Entries(const ledger::LedgerName& name) {
    std::vector<std::string> entries;
    ledger::Ledger* const ledger = ledgers_->Find(name);
    if (ledger == nullptr || !ledger->Publish().ok()) return entries;
    const uint64_t size = ledger->State().signed_size;
    for (uint64_t i = 0; i < size; ++i) entries.push_back(*audit::ReadEntry(ledger->source(), i, size));
    return entries;
  }

  base::Env& env_ = base::Env::Posix();
  std::string dir_;
  std::optional<ledger::Ledgers> ledgers_;
  std::unique_ptr<ledger::SubjectKeys> subjects_;
};

// REQ U-01
TEST_F(AuditDoorTest, AuditRecordsAreInTheLedgerByteForByte) {
  AuditDoor door(AuditPolicy{}, *ledgers_, subjects_.get(), nullptr, env_);
  const std::vector<std::string> lines = {R"({"level":"INFO","message":"x"})", kComplete, "plain text"};
  EXPECT_EQ(Lines(*door.Admit(Batch(lines))), lines);
  EXPECT_THAT(Entries({"default", "audit"}), ElementsAre(kComplete));
  EXPECT_EQ(door.counts().records, 1U);
}

TEST_F(AuditDoorTest, RulesSayWhatElseIsOneAndWhereItGoes) {
  AuditPolicy policy;
  policy.incomplete = IncompletePolicy::kAccept;
  policy.tenant_field = "org";
  policy.rules.push_back(
      {"security", *expr::Matcher::Compile(*expr::Parse(R"(equal(field("category"), "security"))"))});
  AuditDoor door(policy, *ledgers_, subjects_.get(), nullptr, env_);
  const std::string security = R"({"category":"security","n":1})";
  const std::string acme = R"({"category":"AUDIT","org":"acme"})";
  ASSERT_TRUE(door.Admit(Batch({security, acme})).ok());
  ASSERT_TRUE(
      door.Admit(Batch({security, acme}), "umbrella").ok());  // the record's own word beats the upload's
  EXPECT_THAT(Entries({"umbrella", "security"}), ElementsAre(security));
  EXPECT_THAT(Entries({"default", "security"}), ElementsAre(security));
  EXPECT_THAT(Entries({"acme", "audit"}), ElementsAre(acme, acme));
}

// REQ U-02
TEST_F(AuditDoorTest, WhatARecordMustSay) {
  const std::string poor = R"({"security_level":"audit","event":"export","user_id":"u1"})";
  AuditPolicy policy;
  AuditDoor marking(policy, *ledgers_, subjects_.get(), nullptr, env_);
  const auto marked = *marking.Admit(Batch({poor, kComplete}));
  EXPECT_EQ(Lines(marked), (std::vector<std::string>{poor, kComplete}));
  record::RowCursor cursor(marked[0]);
  std::string attributes;
  cursor.MoveTo(0);
  cursor.AppendAttributes(attributes);
  EXPECT_EQ(attributes, R"({"audit_missing":"on what, when, from where, outcome"})");
  EXPECT_THAT(Entries({"default", "audit"}), ElementsAre(poor, kComplete));
  policy.incomplete = IncompletePolicy::kReject;
  AuditDoor rejecting(policy, *ledgers_, subjects_.get(), nullptr, env_);
  const absl::Status status = rejecting.Admit(Batch({kComplete, poor})).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("record 2 of its batch"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("on what, when, from where, outcome"));
  EXPECT_EQ(rejecting.counts().rejected, 1U);
  EXPECT_EQ(Entries({"default", "audit"}).size(), 2U);  // nothing of a batch that was refused
}

// REQ U-01, REQ U-02
TEST_F(AuditDoorTest, EveryLayoutHasItsFieldsInPlacesOfItsOwn) {
  AuditPolicy policy;
  policy.incomplete = IncompletePolicy::kReject;
  policy.tenant_field = "organization_id";
  policy.personal = {"ip_address"};
  policy.subject_fields = {"user_id", "user"};
  AuditDoor door(policy, *ledgers_, subjects_.get(), nullptr, env_);
  const std::string fields =
      R"("event":"revoked","provider":"g","ip_address":"192.0.2.7","security_level":"audit")";
  const std::vector<std::string> lines = {
      R"({"timestamp":"t","context":{"user_id":"u","organization_id":"acme"},"metadata":{)" + fields + "}}",
      R"({"timestamp":"t","user_id":"u","organization_id":"acme","metadata":{)" + fields + "}}",
      R"({"timestamp":"t","user_id":"u","organization_id":"acme",)" + fields + "}",
      R"({"Timestamp":"t","Attributes":{"user_id":"u","organization_id":"acme",)" + fields + "}}",
      R"({"timestamp":"t","context":{"user_id":"u","organization_id":"acme","security_level":"audit"},)"
      R"("metadata":{"event":"revoked","provider":"g","ip_address":"192.0.2.7"}})",
      R"({"@timestamp":"t","user.id":"u","organization_id":"acme",)" + fields + "}",
  };
  ASSERT_TRUE(door.Admit(Batch(lines)).ok());
  const std::vector<std::string> entries = Entries({"acme", "audit"});
  ASSERT_EQ(entries.size(), lines.size());
  for (const std::string& entry : entries) EXPECT_THAT(entry, Not(HasSubstr("192.0.2.7")));
  // Deeper down it is the caller's own data, and no statement about the record.
  const std::string other = R"({"metadata":{"copied":{"security_level":"audit"}},"x":{"category":"audit"}})";
  ASSERT_TRUE(door.Admit(Batch({other})).ok());
  EXPECT_EQ(door.counts().records, lines.size());
}

TEST(AuditPolicyTest, TheNearestFieldOfANameCounts) {
  const auto first = [](const char* line, const char* name) {
    const std::vector<JsonField> fields = JsonFieldsOf(line);
    return std::string(FirstOf(fields, {name}));
  };
  EXPECT_EQ(first(R"({"context":{"user":"c"},"metadata":{"user":"m"}})", "user"), "m");
  EXPECT_EQ(first(R"({"context":{"user":"c"},"metadata":{"user":"m"},"user":"t"})", "user"), "t");
  EXPECT_EQ(first(R"({"metadata":{"user":""},"context":{"user":"c"}})", "user"), "c");
  EXPECT_EQ(first(R"({"metadata":{"user":"m"}})", "metadata.user"), "m");
  EXPECT_EQ(first(R"({"xmetadata":{"user":"m"},"a":{"metadata":{"user":"n"}},"superuser":"s"})", "user"), "");
}

TEST_F(AuditDoorTest, ALedgerThatCannotWriteFailsTheOperationOrNot) {
  std::filesystem::create_directories(dir_ + "/audit/default");
  std::ofstream(dir_ + "/audit/default/audit") << "a file where the directory should be";
  AuditPolicy policy;
  AuditDoor failing(policy, *ledgers_, subjects_.get(), nullptr, env_);
  EXPECT_TRUE(absl::IsUnavailable(failing.Admit(Batch({kComplete})).status()));
  policy.on_failure = FailurePolicy::kKeep;
  AuditDoor keeping(policy, *ledgers_, subjects_.get(), nullptr, env_);
  EXPECT_EQ(Lines(*keeping.Admit(Batch({kComplete}))), std::vector<std::string>{kComplete});
  EXPECT_EQ(keeping.counts().failures, 1U);
}

// REQ U-06
TEST_F(AuditDoorTest, PersonalValuesAreSealedForTheirSubject) {
  AuditPolicy policy;
  policy.personal = {"ip_address", "details.*", "age"};
  policy.subject_fields = {"user_id", "user"};
  AuditDoor door(policy, *ledgers_, subjects_.get(), nullptr, env_);
  const std::string line =
      R"({"timestamp":"2026-01-01T00:00:00Z","security_level":"audit","event":"token_issued","user":"anna",)"
      R"("provider":"g","ip_address": "192.0.2.7" ,"details":{"name":"Anna \"A\" B","tags":["x","y"]},)"
      R"("age":42})";
  const auto lines = Lines(*door.Admit(Batch({line})));
  EXPECT_THAT(lines[0], Not(HasSubstr("192.0.2.7")));
  EXPECT_THAT(lines[0], Not(HasSubstr("Anna")));
  EXPECT_THAT(lines[0], Not(HasSubstr("42}")));
  EXPECT_EQ(door.counts().sealed, 5U);
  EXPECT_THAT(Entries({"default", "audit"}), ElementsAre(lines[0]));
  const audit::SealKey key = *subjects_->KeyOf("anna");
  std::vector<std::string> opened;
  for (const JsonField& field : JsonFieldsOf(lines[0])) {
    if (audit::SealedKeyId(field.text)) opened.push_back(*audit::Unseal(field.text, field.path, key));
  }
  EXPECT_THAT(opened, ElementsAre("192.0.2.7", "Anna \"A\" B", "x", "y", "42"));
}

TEST(JsonFieldsTest, FindsScalarsAndReplacesThem) {
  const std::string line = R"( {"a" : "x\u0041" , "b":{"c":[1, {"d":null}], "e":true} } )";
  const std::vector<JsonField> fields = JsonFieldsOf(line);
  ASSERT_EQ(fields.size(), 4U);
  EXPECT_EQ(fields[0].text, "xA");
  EXPECT_EQ(line.substr(fields[0].begin, fields[0].end - fields[0].begin), R"("x\u0041")");
  EXPECT_EQ(fields[1].path, "b.c");
  EXPECT_EQ(fields[1].text, "1");
  EXPECT_EQ(fields[2].path, "b.c.d");
  EXPECT_EQ(fields[2].text, "");
  EXPECT_EQ(fields[3].text, "true");
  EXPECT_EQ(
      ReplaceIn(line, {{fields[1].begin, fields[1].end, "2"}, {fields[3].begin, fields[3].end, "\"y\""}}),
      R"( {"a" : "x\u0041" , "b":{"c":[2, {"d":null}], "e":"y"} } )");
  EXPECT_EQ(WithMembers(line, R"("z":1)"),
            R"( {"a" : "x\u0041" , "b":{"c":[1, {"d":null}], "e":true} ,"z":1} )");
  EXPECT_EQ(WithMembers("{ }", R"("z":1)"), R"({ "z":1})");
  for (const char* none : {"", "text", "[1]", "{", R"({"a":)", R"({"a":1}x)", R"({"a" "b"})"}) {
    EXPECT_THAT(JsonFieldsOf(none), IsEmpty()) << none;
  }
}

}  // namespace
}  // namespace taffrail::ingest
