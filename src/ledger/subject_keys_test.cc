#include "ledger/subject_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>

#include "ledger/key_file.h"
#include "ledger/ledgers.h"

namespace taffrail::ledger {
namespace {

class SubjectKeysTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = ::testing::TempDir() + "subject_keys_" + std::to_string(getpid());
    std::filesystem::remove_all(dir_);
    std::filesystem::create_directories(dir_);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  static mode_t ModeOf(const std::string& path) {
    struct stat info {};
    EXPECT_EQ(stat(path.c_str(), &info), 0);
    return info.st_mode & 0777;
  }

  base::Env& env_ = base::Env::Posix();
  std::string dir_;
};

// REQ U-06
TEST_F(SubjectKeysTest, AnErasedKeyIsNowhereInTheFile) {
  const std::string path = dir_ + "/subjects.db";
  auto keys = *SubjectKeys::Open(env_, path);
  EXPECT_EQ(ModeOf(path), 0600U);
  const audit::SealKey anna = *keys->KeyOf("anna");
  const audit::SealKey ben = *keys->KeyOf("ben");
  EXPECT_EQ(keys->KeyOf("anna")->key, anna.key);
  EXPECT_NE(anna.key, ben.key);
  EXPECT_NE(base::ReadFile(env_, path, 1 << 24)->find(anna.key), std::string::npos);

  auto other = *SubjectKeys::Open(env_, path);  // another process: the command line beside the server
  EXPECT_EQ(other->Find(anna.id)->value().key, anna.key);
  EXPECT_EQ(*other->Erase("anna", "art. 17 request"), std::vector{anna.id});
  EXPECT_EQ(*keys->Find(anna.id), std::nullopt);
  EXPECT_EQ(base::ReadFile(env_, path, 1 << 24)->find(anna.key), std::string::npos);
  EXPECT_TRUE(absl::IsNotFound(keys->Erase("anna", "again").status()));
  const audit::SealKey again = *keys->KeyOf("anna");  // she came back: under another key
  EXPECT_NE(again.key, anna.key);
  EXPECT_EQ(keys->Find(ben.id)->value().key, ben.key);
}

TEST_F(SubjectKeysTest, HoldsBeatErasure) {
  auto keys = *SubjectKeys::Open(env_, dir_ + "/subjects.db");
  keys->KeyOf("anna").status().IgnoreError();
  keys->KeyOf("ben").status().IgnoreError();
  ASSERT_TRUE(keys->Hold("anna", "case 7").ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(keys->Erase("anna", "request").status()));
  EXPECT_EQ(keys->State("anna")->hold_reason, "case 7");
  EXPECT_FALSE(keys->State("ben")->held);
  EXPECT_EQ(*keys->AnyHold(), "case 7");
  ASSERT_TRUE(keys->Release("anna").ok());
  ASSERT_TRUE(keys->Hold("", "everything").ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(keys->Erase("ben", "request").status()));
  ASSERT_TRUE(keys->Release("").ok());
  EXPECT_EQ(*keys->AnyHold(), std::nullopt);
  EXPECT_TRUE(keys->Erase("ben", "request").ok());
}

TEST_F(SubjectKeysTest, KeyFilesArePrivateAndNeverWrittenOver) {
  const std::string path = dir_ + "/log.key";
  const auto key = NewKeyFile(env_, path, "example.com/log", audit::KeyType::kEd25519);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(ModeOf(path), 0600U);
  EXPECT_TRUE(
      absl::IsAlreadyExists(NewKeyFile(env_, path, "example.com/log", audit::KeyType::kEd25519).status()));
  EXPECT_EQ((*ReadKeyFile(env_, path))->public_key(), (*key)->public_key());
}

TEST_F(SubjectKeysTest, AProgramSigns) {
  const auto key = *NewKeyFile(env_, dir_ + "/log.key", "example.com/log", audit::KeyType::kEd25519);
  const std::string right = audit::Base64(*key->Sign("text\n"));
  const auto script = [&](const std::string& sign) {
    return std::vector<std::string>{"sh", "-c",
                                    "if [ \"$1\" = public ]; then echo '" + key->public_key().ToString() +
                                        "'; else cat >/dev/null; " + sign + "; fi",
                                    "signer"};
  };
  auto signer = OpenCommandSigner(script("echo " + right), "example.com/log");
  ASSERT_TRUE(signer.ok()) << signer.status();
  EXPECT_EQ((*signer)->public_key(), key->public_key());
  EXPECT_EQ(audit::Base64(*(*signer)->Sign("text\n")), right);
  EXPECT_FALSE((*signer)->Sign("another text\n").ok());  // not its signature
  EXPECT_FALSE(OpenCommandSigner(script("true"), "example.com/other").ok());
  EXPECT_FALSE((*OpenCommandSigner(script("exit 3"), "example.com/log"))->Sign("text\n").ok());
  EXPECT_FALSE((*OpenCommandSigner(script("yes"), "example.com/log"))->Sign("text\n").ok());
  EXPECT_FALSE(OpenCommandSigner({"/nowhere/signer"}, "example.com/log").ok());
}

TEST_F(SubjectKeysTest, OneLedgerATenantAndClass) {
  {
    Ledgers ledgers({.data_dir = dir_, .env = &env_, .name = "logs.example.com", .max_ledgers = 2});
    Ledger* const a = *ledgers.Get({"acme", "audit"});
    EXPECT_EQ(a->origin(), "logs.example.com/acme/audit");
    EXPECT_EQ(*ledgers.Get({"acme", "audit"}), a);
    EXPECT_TRUE(ledgers.Get({"a/b c", "audit"}).ok());
    EXPECT_FALSE(ledgers.Get({"third", "audit"}).ok());
    EXPECT_FALSE(ledgers.Get({"", "audit"}).ok());
    ASSERT_TRUE(a->Append(std::vector<std::string_view>{"x"}).ok());
    EXPECT_EQ(ModeOf(dir_ + "/audit-keys/acme/audit.key"), 0600U);
  }
  const std::vector<LedgerName> expected = {{"a/b c", "audit"}, {"acme", "audit"}};
  EXPECT_EQ(*ListLedgers(env_, dir_), expected);
  std::optional<Ledgers> opened;
  Ledgers& again = opened.emplace(LedgersOptions{.data_dir = dir_, .env = &env_, .name = "logs.example.com"});
  ASSERT_TRUE(again.OpenAll().ok());
  EXPECT_EQ(again.Open().size(), 2U);
  EXPECT_EQ(again.Find({"acme", "audit"})->State().signed_size, 1U);
  opened.reset();
  // Without its key a ledger does not go on under a new one by itself.
  std::filesystem::remove(dir_ + "/audit-keys/acme/audit.key");
  Ledgers lost({.data_dir = dir_, .env = &env_, .name = "logs.example.com"});
  EXPECT_TRUE(absl::IsNotFound(lost.OpenAll()));
}

}  // namespace
}  // namespace taffrail::ledger
