#include "ledger/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/mem_env.h"
#include "ledger/ledger_for_tests.h"

namespace taffrail::ledger {
namespace {

using base::MemEnv;
using ::testing::HasSubstr;

class LedgerTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Ledger>> Open() {
    return Ledger::Open({.dir = "/l", .env = &env_, .signer = signer_, .background = false});
  }
  // Appends `count` records, some at a time, and signs now and then.
  void Fill(Ledger& ledger, int count) {
    for (int i = 0; i < count;) {
      std::vector<std::string> lines;
      for (int j = 0; j < 7 && i < count; ++j, ++i) lines.push_back(Record(next_++));
      ASSERT_TRUE(ledger.Append(std::vector<std::string_view>(lines.begin(), lines.end())).ok());
      if (next_ % 5 == 0) {
        ASSERT_TRUE(ledger.Publish().ok());
      }
    }
  }
  static std::string Record(uint64_t i) { return "{\"n\":" + std::to_string(i) + "}"; }
  std::string Text(const absl::Status& status) { return std::string(status.message()); }

  MemEnv env_;
  std::shared_ptr<RecordingSigner> signer_ = std::make_shared<RecordingSigner>();
  uint64_t next_ = 0;
};

// REQ U-01
TEST_F(LedgerTest, KeepsWhatWasAppendedAcrossStarts) {
  for (int life = 0; life < 4; ++life) {
    const auto ledger = Open();
    ASSERT_TRUE(ledger.ok()) << ledger.status();
    EXPECT_EQ((*ledger)->State().size, next_);
    ASSERT_NO_FATAL_FAILURE(Fill(**ledger, 190));
    if (life == 1) {
      ASSERT_TRUE((*ledger)->Publish().ok());
    }
  }
  const auto ledger = Open();
  ASSERT_TRUE(ledger.ok());
  EXPECT_EQ((*ledger)->State().signed_size, next_);  // a start signs what the journal has
  for (uint64_t i = 0; i < next_; ++i) EXPECT_EQ(*audit::ReadEntry((*ledger)->source(), i, next_), Record(i));
  const audit::VerifyReport report = VerifyDir(env_, "/l", *signer_);
  EXPECT_TRUE(report.findings.empty()) << report.findings[0].text;
  EXPECT_EQ(report.records, next_);
  EXPECT_EQ(*env_.List("/l/tile/0"), (std::vector<std::string>{"000", "001", "002.p"}));
}

TEST_F(LedgerTest, ALineTooLongForABundleIsRepresentedByItsHash) {
  const auto ledger = Open();
  const std::string longest(65535, 'x');
  const std::string longer(65536, 'x');
  EXPECT_EQ(*(*ledger)->Append(std::vector<std::string_view>{longest, longer, ""}), 0U);
  ASSERT_TRUE((*ledger)->Publish().ok());
  EXPECT_EQ(*audit::ReadEntry((*ledger)->source(), 0, 3), longest);
  EXPECT_THAT(*audit::ReadEntry((*ledger)->source(), 1, 3),
              HasSubstr(audit::Hex(audit::AsBytes(audit::Sha256(longer))) + "\",\"bytes\":65536}"));
  EXPECT_EQ(*audit::ReadEntry((*ledger)->source(), 2, 3), "");
}

TEST_F(LedgerTest, RefusesToOpenWhatWasChangedAndSaysWhere) {
  {
    const auto ledger = Open();
    ASSERT_NO_FATAL_FAILURE(Fill(**ledger, 600));
    ASSERT_TRUE((*ledger)->Publish().ok());
    ASSERT_NO_FATAL_FAILURE(Fill(**ledger, 3));  // in the journal only
  }
  const auto change = [&](const std::string& file, uint64_t offset, const std::string& expected) {
    const std::string path = "/l/" + file;
    const std::string before = *base::ReadFile(env_, path, 1 << 20);
    ASSERT_TRUE(env_.Corrupt(path, offset, std::string(1, static_cast<char>(before[offset] ^ 1))).ok());
    const absl::Status status = Open().status();
    EXPECT_FALSE(status.ok()) << file;
    EXPECT_THAT(Text(status), HasSubstr(expected)) << file;
    ASSERT_TRUE(env_.Corrupt(path, offset, before.substr(offset, 1)).ok());
  };
  change("checkpoint", 3, "checkpoint");
  change("tile/0/002.p/88", 40, "record 513 is not the one");
  change("tile/1/000.p/2", 40, "do not lead to the root");
  change("tile/entries/002.p/88", 20, "record 51");
  EXPECT_TRUE(Open().ok());

  ASSERT_TRUE(env_.Remove("/l/checkpoint").ok());
  EXPECT_THAT(Text(Open().status()), HasSubstr("missing, though the ledger had one"));
}

TEST_F(LedgerTest, RefusesAJournalThatContradictsTheCheckpoint) {
  std::string file;
  {
    const auto ledger = Open();
    ASSERT_NO_FATAL_FAILURE(Fill(**ledger, 20));
    const std::vector<std::string> names = *env_.List("/l");
    for (const std::string& name : names) {
      if (name.starts_with("journal.")) file = name;
    }
    ASSERT_TRUE((*ledger)->Publish().ok());
  }
  // The same journal, of other records, made by another ledger with the same key.
  MemEnv other_env;
  {
    const auto other = Ledger::Open({.dir = "/l", .env = &other_env, .signer = signer_, .background = false});
    ASSERT_TRUE((*other)->Append(std::vector<std::string_view>{"forged"}).ok());
  }
  ASSERT_TRUE(
      base::WriteFileAtomically(env_, "/l/" + file, *base::ReadFile(other_env, "/l/" + file, 1 << 20)).ok());
  EXPECT_THAT(Text(Open().status()), HasSubstr("its record 0 is not the one that was signed"));
}

// An older checkpoint put in place of the last one: the journal goes on after records that it knows not of.
TEST_F(LedgerTest, RefusesACheckpointThatWasSetBack) {
  { ASSERT_TRUE(Open().ok()); }
  const std::string empty = *base::ReadFile(env_, "/l/checkpoint", 1 << 20);
  for (int life = 0; life < 2; ++life) {
    const auto ledger = Open();
    ASSERT_NO_FATAL_FAILURE(Fill(**ledger, 20));
  }
  ASSERT_TRUE(base::WriteFileAtomically(env_, "/l/checkpoint", empty).ok());
  EXPECT_THAT(Text(Open().status()), HasSubstr("begins with record 20, and the checkpoint ends before 0"));
}

TEST_F(LedgerTest, AnotherKeyDoesNotGoOn) {
  { ASSERT_TRUE(Open().ok()); }
  const auto mine = signer_;
  signer_ = std::make_shared<RecordingSigner>("example.com/t/audit", 'o');
  EXPECT_TRUE(absl::IsPermissionDenied(Open().status()));
  const auto rotated = Ledger::Open(
      {.dir = "/l", .env = &env_, .signer = signer_, .old_keys = {mine->public_key()}, .background = false});
  EXPECT_TRUE(rotated.ok()) << rotated.status();
}

TEST_F(LedgerTest, AFullDiskFailsTheAppendAndNothingElse) {
  const auto ledger = Open();
  ASSERT_NO_FATAL_FAILURE(Fill(**ledger, 51));
  env_.SetCapacity(0);
  const absl::Status status = (*ledger)->Append(std::vector<std::string_view>{"lost"}).status();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_FALSE((*ledger)->Publish().ok());
  EXPECT_FALSE((*ledger)->State().publish_error.ok());
  env_.SetCapacity(UINT64_MAX);
  ASSERT_NO_FATAL_FAILURE(Fill(**ledger, 49));
  ASSERT_TRUE((*ledger)->Publish().ok());
  EXPECT_EQ((*ledger)->State().size, 100U);
  EXPECT_TRUE(VerifyDir(env_, "/l", *signer_).findings.empty());
}

TEST_F(LedgerTest, WithoutASignatureAppendsGoOnWithinBounds) {
  const auto ledger = Ledger::Open(
      {.dir = "/l", .env = &env_, .signer = signer_, .max_pending_bytes = 4000, .background = false});
  signer_->error = absl::UnavailableError("the signer does not answer");
  const std::string line(500, 'x');
  absl::Status status;
  int appended = 0;
  while (status.ok() && appended < 100) {
    status = (*ledger)->Append(std::vector<std::string_view>{line}).status();
    if (status.ok()) ++appended;
    (*ledger)->Publish().IgnoreError();
  }
  EXPECT_EQ(appended, 8);
  EXPECT_THAT(Text(status), HasSubstr("does not answer"));
  signer_->error = absl::OkStatus();
  ASSERT_TRUE((*ledger)->Publish().ok());
  EXPECT_TRUE((*ledger)->Append(std::vector<std::string_view>{line}).ok());
}

TEST_F(LedgerTest, TwoProcessesCannotHaveIt) {
  const auto ledger = Open();
  EXPECT_TRUE(absl::IsFailedPrecondition(Open().status()));
}

TEST_F(LedgerTest, ManyThreadsAppendWhileItIsSigned) {
  constexpr int kThreads = 4;
  constexpr int kAppends = 150;
  {
    const auto ledger = Ledger::Open({.dir = "/l",
                                      .env = &env_,
                                      .signer = signer_,
                                      .checkpoint_interval_ms = 1,
                                      .checkpoint_records = 50});
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kAppends; ++i) {
          const std::string a = std::to_string(t) + " " + std::to_string(i);
          const std::string b = a + " and";
          const auto first = (*ledger)->Append(std::vector<std::string_view>{a, b});
          ASSERT_TRUE(first.ok()) << first.status();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  const audit::VerifyReport report = VerifyDir(env_, "/l", *signer_);
  EXPECT_TRUE(report.findings.empty()) << report.findings[0].text;
  EXPECT_EQ(report.records, uint64_t{kThreads} * kAppends * 2);
}

TEST(FilesTest, NamesOfTenantsCannotLeaveTheirDirectory) {
  EXPECT_EQ(LedgerDir("/d", "acme", "audit"), "/d/audit/acme/audit");
  EXPECT_EQ(LedgerDir("/d", "../x", "a b"), "/d/audit/%2E%2E%2Fx/a%20b");
}

}  // namespace
}  // namespace taffrail::ledger
