// Power failures and failed writes at every mutating operation of a short life of a ledger.
//
// What must hold after each: the ledger opens; every acknowledged record has the number that was said; every
// checkpoint that was ever signed, published or not, is a beginning of the history that goes on; the files
// verify.
#include <gtest/gtest.h>

#include <tuple>

#include "audit/tile.h"
#include "base/mem_env.h"
#include "ledger/ledger_for_tests.h"

namespace taffrail::ledger {
namespace {

using base::MemEnv;

struct History {
  std::shared_ptr<RecordingSigner> signer = std::make_shared<RecordingSigner>();
  std::vector<std::pair<uint64_t, std::string>> acknowledged;
  uint64_t next = 0;  // makes every record another

  LedgerOptions Options(MemEnv& env) const {
    return {.dir = "/l", .env = &env, .signer = signer, .background = false};
  }
  absl::Status Append(Ledger& ledger, int count) {
    std::vector<std::string> lines;
    for (int i = 0; i < count; ++i) lines.push_back("record " + std::to_string(next++));
    const auto first = ledger.Append(std::vector<std::string_view>(lines.begin(), lines.end()));
    if (!first.ok()) return first.status();
    for (int i = 0; i < count; ++i)
      acknowledged.emplace_back(*first + static_cast<uint64_t>(i), lines[static_cast<size_t>(i)]);
    return absl::OkStatus();
  }
};

// Ends at the first error unless `persist`.
absl::Status Live(MemEnv& env, bool persist, History& history) {
  absl::Status first_error;
  const auto failed = [&](const absl::Status& status) {
    first_error.Update(status);
    return !status.ok() && !persist;
  };
  for (int life = 0; life < 2; ++life) {
    auto ledger = Ledger::Open(history.Options(env));
    if (!ledger.ok() && persist)
      ledger = Ledger::Open(history.Options(env));  // the failure was for one operation
    if (!ledger.ok()) return ledger.status();
    for (int i = 0; i < 4; ++i) {
      if (failed(history.Append(**ledger, i == 2 ? 150 : 30))) return first_error;
      if (i != 1 && failed((*ledger)->Publish())) return first_error;
    }
    if (failed(history.Append(**ledger, 3))) return first_error;
  }
  return first_error;
}

void CheckAfterRestart(MemEnv& env, History& history) {
  for (int start = 0; start < 2; ++start) {
    const auto ledger = Ledger::Open(history.Options(env));
    ASSERT_TRUE(ledger.ok()) << ledger.status();
    ASSERT_TRUE(history.Append(**ledger, 20).ok());
    ASSERT_TRUE((*ledger)->Publish().ok());
    const uint64_t size = (*ledger)->State().size;
    std::vector<std::string> bundles;
    for (uint64_t k = 0; k * 256 < size; ++k)
      bundles.push_back(*audit::ReadEntries((*ledger)->source(), k, size));
    std::vector<std::vector<std::string_view>> entries;
    for (const std::string& bundle : bundles) entries.push_back(*audit::DecodeEntries(bundle));
    for (const auto& [index, record] : history.acknowledged) {
      ASSERT_LT(index, size);
      ASSERT_EQ(entries[index / 256].at(index % 256), record) << index;
    }
  }
  const audit::VerifyReport report = VerifyDir(env, "/l", *history.signer);
  ASSERT_TRUE(report.findings.empty())
      << report.findings[0].path << ": " << report.findings[0].text << " "
      << report.checkpoint.checkpoint.size << " n " << report.findings.size() << " last "
      << report.findings.back().path << report.findings.back().text;
}

uint64_t OperationsOf() {
  MemEnv env;
  History history;
  EXPECT_TRUE(Live(env, /*persist=*/false, history).ok());
  return env.operations();
}

class PowerFailure : public ::testing::TestWithParam<std::tuple<MemEnv::NameLoss, MemEnv::Effect>> {};

// REQ U-01
TEST_P(PowerFailure, AtEveryOperationNeitherLosesARecordNorContradictsASignature) {
  const uint64_t operations = OperationsOf();
  ASSERT_GT(operations, 60U);
  for (uint64_t n = 1; n <= operations; ++n) {
    SCOPED_TRACE("operation " + std::to_string(n) + " of " + std::to_string(operations));
    MemEnv env({.name_loss = std::get<0>(GetParam()), .seed = n});
    env.CrashAtOperation(n, std::get<1>(GetParam()));
    History history;
    ASSERT_FALSE(Live(env, /*persist=*/false, history).ok());
    env.Crash(1000 + n);
    ASSERT_NO_FATAL_FAILURE(CheckAfterRestart(env, history));
  }
}

// One operation fails, the process goes on; then the power fails.
TEST_P(PowerFailure, AfterAFailedOperation) {
  const uint64_t operations = OperationsOf();
  for (uint64_t n = 1; n <= operations; ++n) {
    SCOPED_TRACE("operation " + std::to_string(n));
    MemEnv env({.name_loss = std::get<0>(GetParam()), .seed = n});
    env.FailOperation(n, n % 2 == 0 ? absl::ResourceExhaustedError("full") : absl::UnavailableError("EIO"),
                      std::get<1>(GetParam()));
    History history;
    Live(env, /*persist=*/true, history).IgnoreError();
    env.Crash(n);
    ASSERT_NO_FATAL_FAILURE(CheckAfterRestart(env, history));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, PowerFailure,
    ::testing::Combine(::testing::Values(MemEnv::NameLoss::kOrdered, MemEnv::NameLoss::kAnySubset),
                       ::testing::Values(MemEnv::Effect::kNone, MemEnv::Effect::kPartial)));

// A crash, and more of them while the ledger recovers.
TEST(RepeatedPowerFailure, DuringRecovery) {
  const uint64_t operations = OperationsOf();
  for (uint64_t n = 3; n <= operations; n += 11) {
    for (uint64_t second = 1; second <= 8; ++second) {
      SCOPED_TRACE("operation " + std::to_string(n) + ", then " + std::to_string(second));
      MemEnv env({.name_loss = MemEnv::NameLoss::kAnySubset, .seed = n});
      env.CrashAtOperation(n, MemEnv::Effect::kPartial);
      History history;
      ASSERT_FALSE(Live(env, /*persist=*/false, history).ok());
      env.Crash(n);
      env.CrashAtOperation(env.operations() + second, MemEnv::Effect::kPartial);
      Ledger::Open(history.Options(env)).status().IgnoreError();
      env.Crash(second);
      ASSERT_NO_FATAL_FAILURE(CheckAfterRestart(env, history));
    }
  }
}

}  // namespace
}  // namespace taffrail::ledger
