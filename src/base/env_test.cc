// What every Env promises, asked of the real file system and of the one in memory alike.
#include "base/env.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/mem_env.h"

namespace taffrail::base {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class EnvTest : public ::testing::TestWithParam<const char*> {
 protected:
  EnvTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "taffrail_env_XXXXXX";
    if (std::string_view(GetParam()) == "posix") {
      dir_ = mkdtemp(pattern.data());
      env_ = &Env::Posix();
    } else {
      dir_ = "/test";
      env_ = &memory_;
      EXPECT_TRUE(memory_.CreateDirs(dir_).ok());
    }
  }
  ~EnvTest() override {
    if (env_ == &Env::Posix()) std::filesystem::remove_all(dir_);
  }

  std::string Path(std::string_view name) const { return JoinPath(dir_, name); }
  std::string Contents(const std::string& path) { return ReadFile(*env_, path, 1 << 20).value(); }
  void Write(const std::string& path, std::string_view data) {
    auto file = env_->Create(path).value();
    ASSERT_TRUE(file->Append(data).ok());
    ASSERT_TRUE(file->Close().ok());
  }

  MemEnv memory_;
  Env* env_;
  std::string dir_;
};

INSTANTIATE_TEST_SUITE_P(Both, EnvTest, ::testing::Values("posix", "memory"),
                         [](const auto& which) { return std::string(which.param); });

TEST_P(EnvTest, CreateEmptiesAndAppendContinues) {
  Write(Path("a"), "first");
  Write(Path("a"), "2nd");
  EXPECT_EQ(Contents(Path("a")), "2nd");
  auto file = env_->OpenAppend(Path("a")).value();
  ASSERT_TRUE(file->Append("+").ok());
  ASSERT_TRUE(file->Append("third").ok());
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_EQ(Contents(Path("a")), "2nd+third");
  EXPECT_TRUE(env_->OpenAppend(Path("new")).ok());
  EXPECT_EQ(env_->FileSize(Path("new")).value(), 0u);
}

TEST_P(EnvTest, ReadsAtAnyOffsetAndSaysWhereTheFileEnds) {
  Write(Path("a"), "0123456789");
  auto file = env_->OpenRead(Path("a")).value();
  EXPECT_EQ(file->size(), 10u);
  char out[4] = {};
  ASSERT_TRUE(file->Read(6, 4, out).ok());
  EXPECT_EQ(std::string_view(out, 4), "6789");
  EXPECT_TRUE(absl::IsOutOfRange(file->Read(7, 4, out)));
  EXPECT_TRUE(absl::IsOutOfRange(file->Read(11, 1, out)));
  EXPECT_TRUE(file->Read(10, 0, out).ok());
}

TEST_P(EnvTest, AnOpenFileOutlivesItsName) {
  Write(Path("a"), "kept");
  auto file = env_->OpenRead(Path("a")).value();
  ASSERT_TRUE(env_->Remove(Path("a")).ok());
  char out[4];
  ASSERT_TRUE(file->Read(0, 4, out).ok());
  EXPECT_EQ(std::string_view(out, 4), "kept");
}

TEST_P(EnvTest, MissingThingsAreNotFound) {
  EXPECT_TRUE(absl::IsNotFound(env_->OpenRead(Path("none")).status()));
  EXPECT_TRUE(absl::IsNotFound(env_->Create(Path("no/such/dir")).status()));
  EXPECT_TRUE(absl::IsNotFound(env_->Rename(Path("none"), Path("b"))));
  EXPECT_TRUE(absl::IsNotFound(env_->Remove(Path("none"))));
  EXPECT_TRUE(absl::IsNotFound(env_->Truncate(Path("none"), 1)));
  EXPECT_TRUE(absl::IsNotFound(env_->RemoveDir(Path("none"))));
  EXPECT_TRUE(absl::IsNotFound(env_->SyncDir(Path("none"))));
  EXPECT_TRUE(absl::IsNotFound(env_->List(Path("none")).status()));
  EXPECT_TRUE(absl::IsNotFound(env_->FileSize(Path("none")).status()));
  EXPECT_TRUE(absl::IsNotFound(env_->Space(Path("none")).status()));
  EXPECT_FALSE(env_->Exists(Path("none")));
}

TEST_P(EnvTest, ErrorsNameThePath) {
  EXPECT_THAT(std::string(env_->OpenRead(Path("none")).status().message()), HasSubstr(Path("none")));
  EXPECT_TRUE(absl::IsInvalidArgument(env_->OpenRead(dir_).status()));
}

TEST_P(EnvTest, RenameReplaces) {
  Write(Path("from"), "new");
  Write(Path("to"), "old");
  ASSERT_TRUE(env_->Rename(Path("from"), Path("to")).ok());
  EXPECT_EQ(Contents(Path("to")), "new");
  EXPECT_FALSE(env_->Exists(Path("from")));
}

TEST_P(EnvTest, ALinkIsASecondName) {
  Write(Path("one"), "content");
  ASSERT_TRUE(env_->Link(Path("one"), Path("two")).ok());
  EXPECT_EQ(Contents(Path("two")), "content");
  EXPECT_TRUE(absl::IsAlreadyExists(env_->Link(Path("one"), Path("two"))));
  EXPECT_TRUE(absl::IsNotFound(env_->Link(Path("none"), Path("three"))));
  ASSERT_TRUE(env_->Remove(Path("one")).ok());
  EXPECT_FALSE(env_->Exists(Path("one")));
  EXPECT_EQ(Contents(Path("two")), "content");
}

TEST_P(EnvTest, TruncateCutsAndExtends) {
  Write(Path("a"), "0123456789");
  ASSERT_TRUE(env_->Truncate(Path("a"), 4).ok());
  EXPECT_EQ(Contents(Path("a")), "0123");
  ASSERT_TRUE(env_->Truncate(Path("a"), 6).ok());
  EXPECT_EQ(Contents(Path("a")), std::string_view("0123\0\0", 6));
}

TEST_P(EnvTest, DirectoriesAreMadeListedAndRemoved) {
  ASSERT_TRUE(env_->CreateDirs(Path("x/y/z")).ok());
  ASSERT_TRUE(env_->CreateDirs(Path("x/y/z")).ok());
  Write(Path("x/b"), "");
  Write(Path("x/a"), "");
  EXPECT_THAT(env_->List(Path("x")).value(), ElementsAre("a", "b", "y"));
  EXPECT_TRUE(absl::IsFailedPrecondition(env_->RemoveDir(Path("x"))));
  ASSERT_TRUE(env_->RemoveDir(Path("x/y/z")).ok());
  EXPECT_THAT(env_->List(Path("x/y")).value(), ElementsAre());
  EXPECT_TRUE(absl::IsAlreadyExists(env_->CreateDirs(Path("x/a"))));
  EXPECT_TRUE(env_->SyncDir(Path("x")).ok());
}

TEST_P(EnvTest, OneHolderPerLock) {
  auto lock = env_->Lock(Path("LOCK"));
  ASSERT_TRUE(lock.ok());
  auto second = env_->Lock(Path("LOCK"));
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status()));
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("process"));
  lock->reset();
  EXPECT_TRUE(env_->Lock(Path("LOCK")).ok());
  EXPECT_TRUE(env_->Exists(Path("LOCK")));
}

TEST_P(EnvTest, ReadFileRefusesWhatIsTooLarge) {
  Write(Path("a"), "12345");
  EXPECT_EQ(ReadFile(*env_, Path("a"), 5).value(), "12345");
  EXPECT_TRUE(absl::IsInvalidArgument(ReadFile(*env_, Path("a"), 4).status()));
}

TEST_P(EnvTest, WriteFileAtomicallyLeavesNoTemporary) {
  ASSERT_TRUE(WriteFileAtomically(*env_, Path("a"), "one").ok());
  ASSERT_TRUE(WriteFileAtomically(*env_, Path("a"), "two").ok());
  EXPECT_EQ(Contents(Path("a")), "two");
  EXPECT_THAT(env_->List(dir_).value(), ElementsAre("a"));
}

TEST_P(EnvTest, ClocksAdvanceAndRandomnessVaries) {
  const int64_t before_ns = env_->MonotonicNs(), unix_before_ns = env_->NowNs();
  env_->SleepNs(2'000'000);
  EXPECT_GE(env_->MonotonicNs() - before_ns, 2'000'000);
  EXPECT_GT(env_->NowNs(), unix_before_ns);
  char first[16], second[16];
  env_->Random(first);
  env_->Random(second);
  EXPECT_NE(std::string_view(first, 16), std::string_view(second, 16));
}

TEST_P(EnvTest, SpaceIsPlausible) {
  const DiskSpace space = env_->Space(dir_).value();
  EXPECT_GT(space.total_bytes, 0u);
  EXPECT_LE(space.available_bytes, space.total_bytes);
}

TEST(PathTest, JoinAndDirname) {
  EXPECT_EQ(JoinPath("a", "b"), "a/b");
  EXPECT_EQ(JoinPath("a/", "b"), "a/b");
  EXPECT_EQ(JoinPath("", "b"), "b");
  EXPECT_EQ(JoinPath("/", "b"), "/b");
  EXPECT_EQ(Dirname("/a/b"), "/a");
  EXPECT_EQ(Dirname("/a/b/"), "/a");
  EXPECT_EQ(Dirname("/a"), "/");
  EXPECT_EQ(Dirname("/"), "/");
  EXPECT_EQ(Dirname("a"), ".");
  EXPECT_EQ(Dirname("a//b"), "a");
  EXPECT_EQ(Dirname(""), ".");
}

}  // namespace
}  // namespace taffrail::base
