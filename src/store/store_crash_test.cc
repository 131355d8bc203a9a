// Power failures, failed writes and full disks at every mutating operation of a short run.
//
// What must hold after each: every acknowledged row is there once and unchanged; any other row belongs to a
// batch whose append was under way or had failed; the store goes on.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "base/mem_env.h"
#include "store/reference_test.h"

namespace taffrail::store {
namespace {

using base::MemEnv;

StoreOptions Options(MemEnv& env) {
  return {.dir = "/s", .env = &env, .memtable_bytes = 12 << 10, .min_free_bytes = 0, .background = false};
}

// A life of the store: what was acknowledged, and what was tried.
struct History {
  Reference acknowledged;
  std::vector<Row> failed;
  int failed_appends = 0;

  absl::Status Append(Store& store, const std::vector<Row>& rows) {
    const absl::Status status = store.Append(MakeBatch(rows));
    if (status.ok()) {
      acknowledged.Add(rows);
    } else {
      ++failed_appends;
      failed.insert(failed.end(), rows.begin(), rows.end());
    }
    return status;
  }
};

std::vector<Row> SomeRows(LineSource& source, size_t count) {
  std::vector<Row> rows(count);
  for (Row& row : rows) row = source.Next();
  return rows;
}

// Opens, appends, flushes, merges, closes, opens again and so on. Ends at the first error unless `persist`.
absl::Status Live(MemEnv& env, uint64_t seed, bool persist, History& history) {
  LineSource source(seed);
  absl::Status first_error;
  const auto failed = [&](const absl::Status& status) {
    first_error.Update(status);
    return !status.ok() && !persist;
  };
  for (int life = 0; life < 3; ++life) {
    absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(Options(env));
    if (!store.ok() && persist) store = Store::Open(Options(env));  // the failure was for one operation
    if (!store.ok()) return store.status();
    for (int i = 0; i < 6; ++i) {
      if (failed(history.Append(**store, SomeRows(source, 1 + source.Below(40))))) return first_error;
    }
    if (life == 1 && failed((*store)->Flush())) return first_error;
    if (failed((*store)->Compact())) return first_error;
    for (int i = 0; i < 2; ++i) {
      if (failed(history.Append(**store, SomeRows(source, 5)))) return first_error;
    }
  }
  return first_error;
}

// What is there beyond the acknowledged rows; fails when one of those is missing.
std::vector<Row> Extra(Store& store, const History& history) {
  std::vector<Row> actual = ReadRows(store, Order::kAscending);
  EXPECT_TRUE(std::is_sorted(actual.begin(), actual.end(),
                             [](const Row& a, const Row& b) { return a.timestamp_ns < b.timestamp_ns; }));
  std::vector<Row> expected = history.acknowledged.rows();
  std::sort(actual.begin(), actual.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_TRUE(std::includes(actual.begin(), actual.end(), expected.begin(), expected.end()));
  std::vector<Row> extra;
  std::set_difference(actual.begin(), actual.end(), expected.begin(), expected.end(),
                      std::back_inserter(extra));
  return extra;
}

void CheckAfterRestart(MemEnv& env, History& history) {
  absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(Options(env));
  ASSERT_TRUE(store.ok()) << store.status();
  std::vector<Row> extra = Extra(**store, history);
  std::vector<Row> failed = history.failed;
  std::sort(failed.begin(), failed.end());
  EXPECT_TRUE(std::includes(failed.begin(), failed.end(), extra.begin(), extra.end()));
  // It goes on.
  LineSource source(99);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(history.Append(**store, SomeRows(source, 30)).ok());
  ASSERT_TRUE((*store)->Flush().ok());
  EXPECT_EQ(Extra(**store, history), extra);
  store->reset();
  const absl::StatusOr<VerifyReport> report = Store::Verify(env, "/s", nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->damage.empty()) << report->damage.front();
  EXPECT_EQ(report->rows, history.acknowledged.rows().size() + extra.size());
}

uint64_t OperationsOf(uint64_t seed) {
  MemEnv env;
  History history;
  EXPECT_TRUE(Live(env, seed, /*persist=*/false, history).ok());
  return env.operations();
}

class PowerFailure : public ::testing::TestWithParam<std::tuple<MemEnv::NameLoss, MemEnv::Effect>> {};

// REQ D-02
// REQ I-04
TEST_P(PowerFailure, AtEveryOperationLosesNothingAcknowledged) {
  const uint64_t operations = OperationsOf(7);
  ASSERT_GT(operations, 60U);
  for (uint64_t n = 1; n <= operations; ++n) {
    for (uint64_t seed = 1; seed <= 2; ++seed) {
      SCOPED_TRACE(fmt::format("operation {} of {}, seed {}", n, operations, seed));
      MemEnv env({.name_loss = std::get<0>(GetParam()), .seed = seed});
      env.CrashAtOperation(n, std::get<1>(GetParam()));
      History history;
      ASSERT_FALSE(Live(env, 7, /*persist=*/false, history).ok());
      env.Crash(seed * 1000 + n);
      ASSERT_NO_FATAL_FAILURE(CheckAfterRestart(env, history));
      if (HasFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, PowerFailure,
    ::testing::Combine(::testing::Values(MemEnv::NameLoss::kOrdered, MemEnv::NameLoss::kAnySubset),
                       ::testing::Values(MemEnv::Effect::kNone, MemEnv::Effect::kPartial)));

// A crash, a second one while the store recovers from it, and a third.
// REQ D-02
TEST(RepeatedPowerFailure, DuringRecoveryLosesNothing) {
  const uint64_t operations = OperationsOf(8);
  for (uint64_t n = 3; n <= operations; n += 5) {
    for (uint64_t second = 1; second <= 8; ++second) {
      SCOPED_TRACE(fmt::format("operation {}, then {}", n, second));
      MemEnv env;
      env.CrashAtOperation(n, MemEnv::Effect::kPartial);
      History history;
      ASSERT_FALSE(Live(env, 8, /*persist=*/false, history).ok());
      env.Crash(n);
      env.CrashAtOperation(env.operations() + second, MemEnv::Effect::kPartial);
      Store::Open(Options(env)).status().IgnoreError();
      env.Crash(n + 1);
      ASSERT_NO_FATAL_FAILURE(CheckAfterRestart(env, history));
      if (HasFailure()) return;
    }
  }
}

class FailedOperation : public ::testing::TestWithParam<std::tuple<absl::StatusCode, MemEnv::Effect>> {};

// One operation fails and the next ones work again: the store goes on, and what it shows is what it
// acknowledged. Then the process is killed, or the power fails. REQ D-02 REQ I-04
TEST_P(FailedOperation, AnywhereIsSurvived) {
  const auto [code, effect] = GetParam();
  const uint64_t operations = OperationsOf(9);
  for (uint64_t n = 1; n <= operations; ++n) {
    SCOPED_TRACE(fmt::format("operation {} of {}", n, operations));
    MemEnv env;
    env.FailOperation(n, absl::Status(code, "injected"), effect);
    History history;
    Live(env, 9, /*persist=*/true, history).IgnoreError();
    EXPECT_LE(history.failed_appends, 2);
    EXPECT_GE(history.acknowledged.rows().size(), 100U);
    if (n % 2 == 0) {
      env.Crash(n);
    } else {
      env.KillProcess();
    }
    ASSERT_NO_FATAL_FAILURE(CheckAfterRestart(env, history));
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(All, FailedOperation,
                         ::testing::Combine(::testing::Values(absl::StatusCode::kUnavailable,
                                                              absl::StatusCode::kResourceExhausted),
                                            ::testing::Values(MemEnv::Effect::kNone,
                                                              MemEnv::Effect::kPartial)));

// Without a restart, a failed append is not visible, and neither is it later.
// REQ I-04
TEST(FailedAppend, IsNeverVisible) {
  for (uint64_t after = 1; after <= 6; ++after) {
    for (const MemEnv::Effect effect : {MemEnv::Effect::kNone, MemEnv::Effect::kPartial}) {
      SCOPED_TRACE(after);
      MemEnv env;
      auto store = Store::Open(Options(env));
      ASSERT_TRUE(store.ok());
      LineSource source(3);
      History history;
      ASSERT_TRUE(history.Append(**store, SomeRows(source, 10)).ok());
      env.FailOperation(env.operations() + after, absl::UnavailableError("injected"), effect);
      for (int i = 0; i < 4; ++i) {
        const absl::Status status = history.Append(**store, SomeRows(source, 10));
        EXPECT_TRUE(status.ok() || absl::IsUnavailable(status)) << status;
      }
      EXPECT_EQ(history.failed_appends, 1);
      ExpectSame(**store, history.acknowledged);
      store->reset();
      env.Crash(after);  // the next segment has closed the one that failed: it does not come back
      store = Store::Open(Options(env));
      ASSERT_TRUE(store.ok()) << store.status();
      ExpectSame(**store, history.acknowledged);
    }
  }
}

// REQ D-02
// REQ I-04
TEST(FullDisk, RefusesAppendsAndGoesOnWhenThereIsRoom) {
  for (uint64_t capacity = 2'000; capacity < 30'000; capacity += 1'377) {
    SCOPED_TRACE(capacity);
    MemEnv env({.capacity_bytes = capacity});
    absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(Options(env));
    ASSERT_TRUE(store.ok()) << store.status();
    LineSource source(capacity);
    History history;
    for (int i = 0; i < 40; ++i) {
      const absl::Status status = history.Append(**store, SomeRows(source, 30));
      EXPECT_TRUE(status.ok() || absl::IsResourceExhausted(status)) << status;
    }
    EXPECT_GT(history.failed_appends, 0);
    ExpectSame(**store, history.acknowledged);
    if (capacity % 2 == 0) {  // searches still work after a restart on the full disk
      store->reset();
      env.KillProcess();
      store = Store::Open(Options(env));
      if (!store.ok()) {
        EXPECT_TRUE(absl::IsResourceExhausted(store.status())) << store.status();
        env.SetCapacity(UINT64_MAX);
        store = Store::Open(Options(env));
        ASSERT_TRUE(store.ok()) << store.status();
      }
      const std::vector<Row> extra = Extra(**store, history);
      EXPECT_TRUE(extra.empty());
    }
    env.SetCapacity(UINT64_MAX);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(history.Append(**store, SomeRows(source, 30)).ok());
    store->reset();
    env.Crash(capacity);
    ASSERT_NO_FATAL_FAILURE(CheckAfterRestart(env, history));
  }
}

}  // namespace
}  // namespace taffrail::store
