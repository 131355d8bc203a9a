// The simulator: random lives of a store over the faulty file system, each from a seed.
//
// A life appends, flushes, merges, deletes, drops days, takes snapshots, scans and reopens. Somewhere in it
// an operation of the file system fails, the disk is full, the process is killed, or the power fails with
// bytes lost, torn and reordered. After every restart: all acknowledged rows are there but for the deleted
// ones, nothing else is that was not under way, queries agree with the slow reference, and verify finds no
// damage.
//
//   TAFFRAIL_SIM_SEEDS=10000 TAFFRAIL_SIM_FIRST_SEED=1 store_test --gtest_filter='Simulator*'
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "base/mem_env.h"
#include "expr/text.h"
#include "store/part.h"
#include "store/reference_test.h"

namespace taffrail::store {
namespace {

using base::MemEnv;

constexpr uint64_t kSeedsInCi = 200;
constexpr int kDays = 2;
constexpr int kSteps = 30;

uint64_t FromEnvironment(const char* name, uint64_t fallback) {
  const char* const text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

bool IsError(const Row& row) { return row.line.find(R"("level":"ERROR")") != std::string::npos; }

std::shared_ptr<const expr::Matcher> Errors() {
  static const std::shared_ptr<const expr::Matcher> kErrors =
      *expr::Matcher::Compile(*expr::Parse(R"(equal(field("level"), "ERROR"))"));
  return kErrors;
}

class Simulation {
 public:
  explicit Simulation(uint64_t seed)
      : source_(seed),
        env_({.name_loss = seed % 2 == 0 ? MemEnv::NameLoss::kOrdered : MemEnv::NameLoss::kAnySubset,
              .seed = seed}) {}

  void Run() {
    for (int life = 0; life < 3 && !::testing::Test::HasFatalFailure(); ++life) {
      if (life > 0) Arm();
      if (Open()) {
        for (int step = 0; step < kSteps && !env_.crashed(); ++step) Step();
      }
      store_.reset();
      env_.SetCapacity(UINT64_MAX);
      if (env_.crashed() || Below(2) == 0) {
        env_.Crash(Below(UINT32_MAX));
      } else {
        env_.KillProcess();
      }
      ASSERT_NO_FATAL_FAILURE(CheckAfterRestart());
    }
  }

 private:
  uint64_t Below(uint64_t limit) { return source_.Below(limit); }
  MemEnv::Effect AnyEffect() { return Below(2) == 0 ? MemEnv::Effect::kNone : MemEnv::Effect::kPartial; }

  // What will go wrong in this life.
  void Arm() {
    const uint64_t at = env_.operations() + 1 + Below(120);
    switch (Below(4)) {
      case 0:
        return env_.CrashAtOperation(at, AnyEffect());
      case 1:
        return env_.FailOperation(at, absl::UnavailableError("injected"), AnyEffect());
      case 2:
        return env_.FailOperation(at, absl::ResourceExhaustedError("injected"), AnyEffect());
      default:
        return env_.SetCapacity(20'000 + Below(100'000));
    }
  }

  bool Open() {
    const StoreOptions options{
        .dir = "/s", .env = &env_, .memtable_bytes = 12 << 10, .min_free_bytes = 0, .background = false};
    auto store = Store::Open(options);
    if (!store.ok()) {
      failure_ = store.status();
      return false;
    }
    store_ = *std::move(store);
    return true;
  }

  void Step() {
    switch (Below(10)) {
      case 0:
        return store_->Flush().IgnoreError();
      case 1:
        return store_->Compact().IgnoreError();
      case 2:
        return Below(3) == 0 ? DeleteErrors() : store_->Flush().IgnoreError();
      case 3:
        return Below(5) == 0 ? DropFirstDay() : void();
      case 4:
        return Below(3) == 0 ? TakeSnapshot() : void();
      default:
        return AppendSome();
    }
  }

  void AppendSome() {
    std::vector<Row> rows(1 + Below(40));
    for (Row& row : rows) row = source_.Next(kDays);
    if (store_->Append(MakeBatch(rows)).ok()) {
      certain_.Add(rows);
    } else {
      doubtful_.insert(doubtful_.end(), rows.begin(), rows.end());
    }
  }

  // A removal that failed may have happened: what it would have removed is in doubt.
  template <typename Gone>
  void Removed(const absl::Status& status, const Gone& gone) {
    if (!status.ok()) {
      for (const Row& row : certain_.rows()) {
        if (gone(row)) doubtful_.push_back(row);
      }
    }
    certain_.Remove(gone);
    if (status.ok()) std::erase_if(doubtful_, gone);
  }
  void DeleteErrors() { Removed(store_->Delete({.predicate = Errors()}).status(), IsError); }
  void DropFirstDay() {
    const int32_t first = DayOf(int64_t{1'700'000'000} * 1'000'000'000);
    Removed(store_->DropBefore(first + 1, false).status(),
            [first](const Row& row) { return DayOf(row.timestamp_ns) <= first; });
  }

  void TakeSnapshot() {
    const std::string dir = fmt::format("/snapshot{}", ++snapshots_);
    std::vector<Row> seen = ReadRows(*store_, ScanRequest{}).value_or(std::vector<Row>());
    if (!store_->SnapshotTo(dir).ok()) return;
    const auto report = Store::Verify(env_, dir, nullptr);
    if (!report.ok()) return;  // the file system has failed
    EXPECT_TRUE(report->damage.empty()) << report->damage.front();
    EXPECT_EQ(report->rows, seen.size());
  }

  void CheckAfterRestart() {
    ASSERT_TRUE(Open()) << failure_;
    std::vector<Row> actual = ReadRows(*store_, Order::kAscending);
    const std::vector<Row> in_order = actual;
    std::vector<Row> certain = certain_.rows();
    std::sort(actual.begin(), actual.end());
    std::sort(certain.begin(), certain.end());
    std::sort(doubtful_.begin(), doubtful_.end());
    ASSERT_TRUE(std::includes(actual.begin(), actual.end(), certain.begin(), certain.end()))
        << "rows are lost";
    std::vector<Row> extra;
    std::set_difference(actual.begin(), actual.end(), certain.begin(), certain.end(),
                        std::back_inserter(extra));
    ASSERT_TRUE(std::includes(doubtful_.begin(), doubtful_.end(), extra.begin(), extra.end()))
        << "rows that were deleted or never written";
    // What is there now is certain from here on.
    certain_ = Reference();
    certain_.Add(in_order);
    doubtful_.clear();
    const auto errors = ReadRows(*store_, ScanRequest{.predicate = Errors(), .order = Order::kAscending});
    ASSERT_TRUE(errors.ok()) << errors.status();
    std::vector<Row> expected = in_order;
    std::erase_if(expected, [](const Row& row) { return !IsError(row); });
    ASSERT_EQ(*errors, expected);
    store_.reset();
    const auto report = Store::Verify(env_, "/s", nullptr);
    ASSERT_TRUE(report.ok()) << report.status();
    ASSERT_TRUE(report->damage.empty()) << report->damage.front();
    ASSERT_EQ(report->rows, in_order.size());
  }

  LineSource source_;
  MemEnv env_;
  std::unique_ptr<Store> store_;
  Reference certain_;          // acknowledged, and no removal of them was tried
  std::vector<Row> doubtful_;  // may be there or not
  int snapshots_ = 0;
  absl::Status failure_;  // of the last Open
};

// REQ D-02
// REQ I-04
TEST(Simulator, EveryLifeKeepsWhatItAcknowledged) {
  const uint64_t first = FromEnvironment("TAFFRAIL_SIM_FIRST_SEED", 1);
  const uint64_t seeds = FromEnvironment("TAFFRAIL_SIM_SEEDS", kSeedsInCi);
  for (uint64_t seed = first; seed < first + seeds; ++seed) {
    SCOPED_TRACE(fmt::format("TAFFRAIL_SIM_SEEDS=1 TAFFRAIL_SIM_FIRST_SEED={}", seed));
    Simulation(seed).Run();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace taffrail::store
