#include "base/mem_env.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace taffrail::base {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

constexpr int kSeeds = 200;  // enough for each of the few fates of a file to come up many times

std::string Contents(Env& env, const std::string& path) {
  auto data = ReadFile(env, path, 1 << 20);
  return data.ok() ? *data : std::string(data.status().message());
}

// A file of synced bytes then unsynced ones, its name durable.
std::unique_ptr<WritableFile> WriteHalfSynced(MemEnv& env, const std::string& path, std::string_view synced,
                                              std::string_view unsynced) {
  auto file = env.Create(path).value();
  EXPECT_TRUE(file->Append(synced).ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_TRUE(env.SyncDir(Dirname(path)).ok());
  EXPECT_TRUE(file->Append(unsynced).ok());
  return file;
}

TEST(MemEnvCrashTest, SyncedBytesStayAndUnsyncedOnesMeetEveryFate) {
  const std::string synced(5000, 's'), unsynced(9000, 'u');
  bool lost_all = false, kept_all = false, cut = false, zeroed = false, garbage = false;
  for (int seed = 0; seed < kSeeds; ++seed) {
    MemEnv env;
    WriteHalfSynced(env, "/f", synced, unsynced);
    env.Crash(seed);
    const std::string left = Contents(env, "/f");
    ASSERT_THAT(left, StartsWith(synced));
    ASSERT_LE(left.size(), synced.size() + unsynced.size());
    const std::string tail = left.substr(synced.size());
    lost_all |= tail.empty();
    kept_all |= tail == unsynced;
    cut |= !tail.empty() && tail.size() < unsynced.size() && tail == std::string(tail.size(), 'u');
    zeroed |= tail.find(std::string(512, '\0')) != std::string::npos;
    garbage |= std::any_of(tail.begin(), tail.end(), [](char c) { return c != 'u' && c != '\0'; });
  }
  EXPECT_TRUE(lost_all && kept_all && cut && zeroed && garbage);
}

TEST(MemEnvCrashTest, TheSameSeedLeavesTheSame) {
  const auto after = [](uint64_t seed) {
    MemEnv env;
    WriteHalfSynced(env, "/f", "synced", std::string(3000, 'u'));
    env.Crash(seed);
    return Contents(env, "/f");
  };
  for (int seed = 0; seed < 20; ++seed) EXPECT_EQ(after(seed), after(seed));
}

TEST(MemEnvCrashTest, ANameNeedsSyncDir) {
  int found = 0;
  for (int seed = 0; seed < kSeeds; ++seed) {
    MemEnv env;
    auto file = env.Create("/f").value();
    ASSERT_TRUE(file->Append("data").ok());
    ASSERT_TRUE(file->Sync().ok());
    env.Crash(seed);
    if (env.Exists("/f")) ++found;
  }
  EXPECT_GT(found, 0);
  EXPECT_LT(found, kSeeds);
}

TEST(MemEnvCrashTest, ARenameHappensWhollyOrNot) {
  std::set<std::string> outcomes;
  for (int seed = 0; seed < kSeeds; ++seed) {
    MemEnv env;
    WriteHalfSynced(env, "/old", "old", "");
    WriteHalfSynced(env, "/new", "new", "");
    ASSERT_TRUE(env.Rename("/new", "/old").ok());
    env.Crash(seed);
    outcomes.insert(Contents(env, "/old") + (env.Exists("/new") ? "+new" : ""));
  }
  EXPECT_THAT(outcomes, ElementsAre("new", "old+new"));
}

TEST(MemEnvCrashTest, OrderedNamesKeepAPrefixAndAnySubsetDoesNot) {
  const auto outcomes = [](MemEnv::NameLoss loss) {
    std::set<std::string> seen;
    for (int seed = 0; seed < kSeeds; ++seed) {
      MemEnv env(MemEnv::Options{.name_loss = loss});
      EXPECT_TRUE(env.Create("/1").ok() && env.Create("/2").ok() && env.Create("/3").ok());
      env.Crash(seed);
      std::string names;
      const std::vector<std::string> left = env.List("/").value();
      for (const std::string& name : left) names += name;
      seen.insert(names);
    }
    return seen;
  };
  EXPECT_THAT(outcomes(MemEnv::NameLoss::kOrdered), ElementsAre("", "1", "12", "123"));
  EXPECT_EQ(outcomes(MemEnv::NameLoss::kAnySubset).size(), 8u);
}

TEST(MemEnvCrashTest, ARemovalMayBeUndoneUntilSyncDir) {
  int back = 0;
  for (int seed = 0; seed < kSeeds; ++seed) {
    MemEnv env;
    WriteHalfSynced(env, "/f", "x", "");
    ASSERT_TRUE(env.Remove("/f").ok());
    if (seed % 2 == 0) {
      ASSERT_TRUE(env.SyncDir("/").ok());
    }
    env.Crash(seed);
    if (seed % 2 == 0) {
      EXPECT_FALSE(env.Exists("/f"));
    }
    if (env.Exists("/f")) ++back;
  }
  EXPECT_GT(back, 0);
  EXPECT_LT(back, kSeeds / 2);
}

TEST(MemEnvCrashTest, ARemovedDirectoryMayComeBackWithItsFiles) {
  std::set<std::string> outcomes;
  for (int seed = 0; seed < kSeeds; ++seed) {
    MemEnv env;
    ASSERT_TRUE(env.CreateDirs("/d").ok());
    WriteHalfSynced(env, "/d/f", "x", "");
    ASSERT_TRUE(env.Remove("/d/f").ok());
    ASSERT_TRUE(env.RemoveDir("/d").ok());
    EXPECT_FALSE(env.Exists("/d"));
    env.Crash(seed);
    outcomes.insert(!env.Exists("/d") ? "gone" : env.Exists("/d/f") ? "full" : "empty");
  }
  EXPECT_THAT(outcomes, ElementsAre("empty", "full", "gone"));
}

TEST(MemEnvCrashTest, ADirectoryMadeAnewIsEmpty) {
  for (int seed = 0; seed < 20; ++seed) {
    MemEnv env;
    ASSERT_TRUE(env.CreateDirs("/d").ok());
    WriteHalfSynced(env, "/d/f", "x", "");
    ASSERT_TRUE(env.Remove("/d/f").ok());
    ASSERT_TRUE(env.RemoveDir("/d").ok());
    ASSERT_TRUE(env.CreateDirs("/d").ok());
    env.Crash(seed);
    EXPECT_THAT(env.List("/d").value(), ElementsAre());
  }
}

TEST(MemEnvCrashTest, ATruncationMayBeUndoneUntilSync) {
  std::set<std::string> outcomes;
  for (int seed = 0; seed < kSeeds; ++seed) {
    MemEnv env;
    WriteHalfSynced(env, "/f", "0123456789", "");
    ASSERT_TRUE(env.Truncate("/f", 6).ok());
    ASSERT_TRUE(env.Truncate("/f", 4).ok());
    env.Crash(seed);
    outcomes.insert(Contents(env, "/f"));
  }
  EXPECT_THAT(outcomes, ElementsAre("0123", "0123456789"));

  MemEnv env;
  WriteHalfSynced(env, "/f", "0123456789", "");
  ASSERT_TRUE(env.Truncate("/f", 4).ok());
  ASSERT_TRUE(env.OpenAppend("/f").value()->Sync().ok());
  env.Crash(1);
  EXPECT_EQ(Contents(env, "/f"), "0123");
}

TEST(MemEnvCrashTest, AFailedSyncLosesBytesEvenIfTheNextOneSaysOk) {
  bool lost = false;
  for (int seed = 0; seed < kSeeds; ++seed) {
    MemEnv env;
    auto file = WriteHalfSynced(env, "/f", "good", "doubtful");
    env.FailOperation(env.operations() + 1, absl::UnavailableError("EIO"));
    EXPECT_TRUE(absl::IsUnavailable(file->Sync()));
    ASSERT_TRUE(file->Append("later").ok());
    ASSERT_TRUE(file->Sync().ok());
    env.Crash(seed);
    const std::string left = Contents(env, "/f");
    EXPECT_EQ(left.substr(0, 4), "good");
    EXPECT_EQ(left.substr(12), "later");
    lost |= left.substr(4, 8) == std::string(8, '\0');
  }
  EXPECT_TRUE(lost);
}

TEST(MemEnvCrashTest, HandlesAndLocksOfTheOldProcessAreDead) {
  MemEnv env;
  auto file = WriteHalfSynced(env, "/f", "synced", "");
  auto reader = env.OpenRead("/f").value();
  auto lock = env.Lock("/LOCK").value();
  env.Crash(1);
  char byte;
  EXPECT_TRUE(absl::IsAborted(file->Append("x")));
  EXPECT_TRUE(absl::IsAborted(file->Sync()));
  EXPECT_TRUE(absl::IsAborted(reader->Read(0, 1, &byte)));
  auto mine = env.Lock("/LOCK");
  ASSERT_TRUE(mine.ok());
  lock.reset();  // the dead holder must not release the new one
  EXPECT_FALSE(env.Lock("/LOCK").ok());
  EXPECT_EQ(Contents(env, "/f"), "synced");
}

TEST(MemEnvCrashTest, AKilledProcessLosesNothingItWrote) {
  MemEnv env;
  auto file = env.Create("/f").value();
  ASSERT_TRUE(file->Append("unsynced").ok());
  env.KillProcess();
  EXPECT_TRUE(absl::IsAborted(file->Append("x")));
  EXPECT_EQ(Contents(env, "/f"), "unsynced");
}

TEST(MemEnvFaultTest, TheNthOperationFailsWithOrWithoutItsEffect) {
  for (const auto effect : {MemEnv::Effect::kNone, MemEnv::Effect::kPartial}) {
    const bool happens = effect == MemEnv::Effect::kPartial;
    MemEnv env;
    auto file = env.Create("/f").value();  // 1
    env.FailOperation(2, absl::UnavailableError("EIO"), effect);
    env.FailOperation(3, absl::PermissionDeniedError("EPERM"), effect);
    EXPECT_TRUE(absl::IsUnavailable(env.Rename("/f", "/g")));
    EXPECT_EQ(env.Exists("/g"), happens);
    EXPECT_TRUE(absl::IsPermissionDenied(env.CreateDirs("/d")));
    EXPECT_EQ(env.Exists("/d"), happens);
    EXPECT_TRUE(file->Append("x").ok());
    EXPECT_EQ(env.operations(), 4u);
  }
}

TEST(MemEnvFaultTest, APartialAppendWritesAPrefix) {
  std::set<uint64_t> sizes;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    MemEnv env(MemEnv::Options{.seed = seed});
    auto file = env.Create("/f").value();
    env.FailOperation(2, absl::UnavailableError("EIO"), MemEnv::Effect::kPartial);
    EXPECT_FALSE(file->Append("abc").ok());
    EXPECT_THAT(std::string("abc"), StartsWith(Contents(env, "/f")));
    sizes.insert(env.FileSize("/f").value());
  }
  EXPECT_THAT(sizes, ElementsAre(0, 1, 2, 3));
}

TEST(MemEnvFaultTest, AfterTheCrashPointNothingWorksUntilRestart) {
  MemEnv env;
  auto file = WriteHalfSynced(env, "/f", "synced", "");  // 5 operations
  env.CrashAtOperation(env.operations() + 2);
  EXPECT_TRUE(file->Append("x").ok());
  EXPECT_FALSE(env.crashed());
  EXPECT_TRUE(absl::IsAborted(file->Sync()));
  EXPECT_TRUE(env.crashed());
  EXPECT_TRUE(absl::IsAborted(file->Append("x")));
  EXPECT_TRUE(absl::IsAborted(env.Create("/g").status()));
  EXPECT_TRUE(absl::IsAborted(env.OpenRead("/f").status()));
  EXPECT_TRUE(absl::IsAborted(env.List("/").status()));
  EXPECT_TRUE(absl::IsAborted(env.Lock("/LOCK").status()));
  env.Crash(1);
  EXPECT_THAT(Contents(env, "/f"), StartsWith("synced"));
  EXPECT_TRUE(env.Create("/g").ok());
}

// The pattern that users of MemEnv follow, on the smallest of them.
TEST(MemEnvFaultTest, WriteFileAtomicallyLeavesOldOrNewAtEveryCrash) {
  for (const auto loss : {MemEnv::NameLoss::kOrdered, MemEnv::NameLoss::kAnySubset}) {
    for (uint64_t number = 1;; ++number) {
      bool finished = false;
      for (int seed = 0; seed < 30; ++seed) {
        MemEnv env(MemEnv::Options{.name_loss = loss});
        ASSERT_TRUE(WriteFileAtomically(env, "/f", "old").ok());
        env.CrashAtOperation(env.operations() + number, MemEnv::Effect::kPartial);
        const bool acknowledged = WriteFileAtomically(env, "/f", "new").ok();
        finished = !env.crashed();
        env.Crash(seed);
        const std::string left = Contents(env, "/f");
        EXPECT_TRUE(left == "new" || (left == "old" && !acknowledged))
            << left << " after operation " << number;
      }
      if (finished) break;
    }
  }
}

TEST(MemEnvDiskTest, AFullDiskTakesWhatFits) {
  MemEnv env(MemEnv::Options{.capacity_bytes = 10});
  auto file = env.Create("/f").value();
  ASSERT_TRUE(file->Append("123456").ok());
  EXPECT_EQ(env.Space("/").value().available_bytes, 4u);
  EXPECT_TRUE(absl::IsResourceExhausted(file->Append("789abc")));
  EXPECT_EQ(Contents(env, "/f"), "123456789a");
  env.SetCapacity(20);
  EXPECT_TRUE(file->Append("b").ok());
  ASSERT_TRUE(env.Remove("/f").ok());
  EXPECT_EQ(env.Space("/").value().available_bytes, 20u);
}

TEST(MemEnvDiskTest, CorruptChangesWhatIsThere) {
  MemEnv env;
  WriteHalfSynced(env, "/f", "0123456789", "");
  ASSERT_TRUE(env.Corrupt("/f", 3, "xyz").ok());
  EXPECT_EQ(Contents(env, "/f"), "012xyz6789");
  EXPECT_TRUE(absl::IsOutOfRange(env.Corrupt("/f", 8, "xyz")));
  EXPECT_TRUE(absl::IsNotFound(env.Corrupt("/none", 0, "x")));
}

TEST(MemEnvClockTest, UnixTimeJumpsAndMonotonicDoesNot) {
  MemEnv env;
  env.SetNowNs(100);
  EXPECT_EQ(env.NowNs(), 100);
  EXPECT_EQ(env.MonotonicNs(), 0);
  env.AdvanceNs(5);
  EXPECT_EQ(env.NowNs(), 105);
  EXPECT_EQ(env.MonotonicNs(), 5);
  env.SetNowNs(50);
  EXPECT_EQ(env.MonotonicNs(), 5);
}

}  // namespace
}  // namespace taffrail::base
