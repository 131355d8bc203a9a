#include "ledger/witness.h"

#include <gtest/gtest.h>

#include "audit/log_for_tests.h"
#include "base/mem_env.h"

namespace taffrail::ledger {
namespace {

class WitnessTest : public ::testing::Test {
 protected:
  Witness Make() { return Witness({.dir = "/w", .env = &env_, .signer = signer_, .logs = {log_.key()}}); }
  std::string Request(audit::LogForTests& log, uint64_t old_size, uint64_t size) {
    while (log.entries().size() < size) log.Append("record " + std::to_string(log.entries().size()));
    AddCheckpoint request{old_size, {}, log.Publish()};
    audit::MapSource source = log.files();
    if (old_size > 0 && old_size <= size)
      request.proof = *audit::ProofBuilder(source, size).Consistency(old_size);
    return request.ToString();
  }

  base::MemEnv env_;
  audit::LogForTests log_;
  std::shared_ptr<audit::PrivateKey> signer_ = std::make_shared<audit::PrivateKey>(
      *audit::PrivateKey::FromSeed("w.example.com", audit::KeyType::kCosignature, std::string(32, 'w')));
};

// REQ U-01
TEST_F(WitnessTest, CosignsWhatExtendsAndNothingElse) {
  {
    Witness witness = Make();
    const WitnessAnswer answer = witness.Add(Request(log_, 0, 10));
    ASSERT_EQ(answer.status, 200) << answer.body;
    audit::Note note = *audit::ParseNote(log_.files().files.at("checkpoint") + answer.body);
    uint64_t time_s = 0;
    EXPECT_TRUE(audit::VerifySignature(note.text, note.signatures.back(), signer_->public_key(), &time_s));
    EXPECT_EQ(time_s, static_cast<uint64_t>(env_.NowNs() / 1'000'000'000));
  }
  Witness witness = Make();  // it remembers
  EXPECT_EQ(witness.Add(Request(log_, 10, 300)).status, 200);
  EXPECT_EQ(witness.Add(Request(log_, 300, 300)).status, 200);  // again, with a new time
  const WitnessAnswer behind = witness.Add(Request(log_, 10, 310));
  EXPECT_EQ(behind.status, 409);
  EXPECT_EQ(behind.body, "300\n");
  EXPECT_EQ(behind.content_type, "text/x.tlog.size");

  audit::LogForTests fork;  // the same key, another history
  for (int i = 0; i < 300; ++i) fork.Append(i == 299 ? "forged" : "record " + std::to_string(i));
  EXPECT_EQ(witness.Add(Request(fork, 300, 300)).status, 409);
  EXPECT_EQ(witness.Add(Request(fork, 300, 320)).status, 422);
  EXPECT_EQ(witness.Add(Request(fork, 0, 320)).status, 409);
  audit::LogForTests shorter;
  EXPECT_EQ(witness.Add(Request(shorter, 300, 200)).status, 400);
  EXPECT_EQ(witness.Add(Request(log_, 300, 320)).status, 200);  // the true one goes on
}

TEST_F(WitnessTest, StrangersAndNonsense) {
  Witness witness = Make();
  audit::LogForTests stranger("example.com/other");
  EXPECT_EQ(witness.Add(Request(stranger, 0, 5)).status, 404);
  const std::string good = Request(log_, 0, 5);
  std::string forged = good;
  forged[forged.find("\n5\n") + 1] = '6';
  EXPECT_EQ(witness.Add(forged).status, 403);
  for (const std::string& bad :
       std::vector<std::string>{"", "old 0\n", "old 0\n\n", "old x\n\n" + good, "old 00\n\n", "new 0\n\n",
                                "old 0\nAAAA\n\n" + good, std::string(200'000, 'x')}) {
    EXPECT_EQ(witness.Add(bad).status, 400) << bad.substr(0, 40);
  }
  EXPECT_EQ(witness.Add("old 0\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n" + good.substr(6)).status,
            422);
}

// What was cosigned is on disk before anyone hears of it.
TEST_F(WitnessTest, ForgetsNothingInAPowerFailure) {
  for (uint64_t operation = 1; operation < 12; ++operation) {
    base::MemEnv env({.name_loss = base::MemEnv::NameLoss::kAnySubset, .seed = operation});
    env.CrashAtOperation(operation, base::MemEnv::Effect::kPartial);
    audit::LogForTests log;
    const WitnessOptions options{.dir = "/w", .env = &env, .signer = signer_, .logs = {log.key()}};
    uint64_t cosigned = 0;
    for (const uint64_t size : {5U, 9U, 20U}) {
      Witness witness(options);
      if (witness.Add(Request(log, cosigned, size)).status != 200) break;
      cosigned = size;
    }
    env.Crash(operation);
    Witness again(options);
    const WitnessAnswer answer = again.Add(Request(log, 1000, 2000));  // asks for what it knows
    ASSERT_EQ(answer.status, 409) << answer.body;
    EXPECT_GE(std::stoull(answer.body), cosigned);
  }
}

}  // namespace
}  // namespace taffrail::ledger
