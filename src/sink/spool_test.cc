#include "sink/spool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/mem_env.h"
#include "sink/files_for_tests.h"

namespace taffrail::sink {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

constexpr size_t kAll = size_t{1} << 30;

class SpoolTest : public testing::Test {
 protected:
  void Open() {
    spool_ = nullptr;
    auto spool = Spool::Open(env_, options_);
    ASSERT_TRUE(spool.ok()) << spool.status().message();
    spool_ = *std::move(spool);
  }
  // As after kill -9.
  void Kill() {
    env_.KillProcess();
    Open();
  }
  bool Append(const std::vector<std::string>& lines, Level level = Level::kInfo) {
    const Lines batch(lines, level, Category::kAudit);
    absl::Status why;
    return spool_->Append(batch.batch().entries, why) == lines.size();
  }
  std::vector<std::string> Read(size_t max_bytes = kAll, size_t max_lines = kAll) {
    OwnedLines lines;
    EXPECT_TRUE(spool_->Read(max_bytes, max_lines, lines).ok());
    std::vector<Entry> entries;
    lines.View(entries);
    std::vector<std::string> texts;
    for (const Entry& entry : entries) texts.emplace_back(entry.line);
    return texts;
  }
  std::vector<std::string> Segments() {
    std::vector<std::string> names;
    const auto all = env_.List("/spool");
    for (const std::string& name : *all)
      if (name.ends_with(".spool")) names.push_back(name);
    return names;
  }

  base::MemEnv env_;
  SpoolOptions options_{.dir = "/spool", .max_bytes = 1 << 20};
  std::unique_ptr<Spool> spool_;
};

// REQ S-08
TEST_F(SpoolTest, GivesBackWhatItTookInOrder) {
  Open();
  EXPECT_THAT(Read(), IsEmpty());
  EXPECT_TRUE(Append({"one", "two"}, Level::kError));
  EXPECT_TRUE(Append({"three"}));
  OwnedLines lines;
  ASSERT_TRUE(spool_->Read(kAll, kAll, lines).ok());
  std::vector<Entry> entries;
  const Batch batch = lines.View(entries);
  EXPECT_EQ(batch.text, "one\ntwo\nthree\n");
  EXPECT_EQ(entries[1].level, Level::kError);
  EXPECT_EQ(entries[1].category, Category::kAudit);
  EXPECT_EQ(entries[1].logger, "t");
  EXPECT_EQ(entries[1].time_ns, 1'761'834'225'123'000'000);
  EXPECT_THAT(Read(), IsEmpty());
  spool_->Again();
  EXPECT_THAT(Read(), ElementsAre("one", "two", "three"));
  ASSERT_TRUE(spool_->Done().ok());
  EXPECT_TRUE(Append({"four"}));
  EXPECT_THAT(Read(), ElementsAre("four"));
}

TEST_F(SpoolTest, WhatIsNotDealtWithSurvivesKill9) {
  Open();
  EXPECT_TRUE(Append({"one"}));
  EXPECT_TRUE(Append({"two"}));
  EXPECT_THAT(Read(1), ElementsAre("one"));
  ASSERT_TRUE(spool_->Done().ok());
  Kill();
  EXPECT_TRUE(Append({"three"}));
  EXPECT_THAT(Read(), ElementsAre("two", "three"));
  Kill();
  EXPECT_THAT(Read(), ElementsAre("two", "three"));
  ASSERT_TRUE(spool_->Done().ok());
  Kill();
  EXPECT_THAT(Read(), IsEmpty());
}

TEST_F(SpoolTest, IsBoundedAndItsRoomComesBack) {
  options_.max_bytes = 64 << 10;
  Open();
  const std::string line(1'000, 'x');
  for (int round = 0; round < 20; ++round) {
    size_t taken = 0;
    while (Append({line})) ++taken;
    EXPECT_GT(taken, 50U) << round;
    EXPECT_LE(spool_->bytes(), options_.max_bytes);
    EXPECT_EQ(Read().size(), taken);
    ASSERT_TRUE(spool_->Done().ok());
  }
  EXPECT_LE(Segments().size(), 1U);
}

TEST_F(SpoolTest, AnEarlierProcessMayHaveEndedWithinAFrame) {
  Open();
  EXPECT_TRUE(Append({"one"}));
  EXPECT_TRUE(Append({"two"}));
  const uint64_t size = *env_.FileSize("/spool/" + Segments()[0]);
  for (uint64_t cut = 1; cut < 40; ++cut) {
    env_.KillProcess();
    ASSERT_TRUE(env_.Truncate("/spool/" + Segments()[0], size - cut).ok());
    Open();
    EXPECT_THAT(Read(), ElementsAre("one")) << cut;
    EXPECT_EQ(spool_->damaged(), 0U);
    EXPECT_TRUE(Append({"after"}));
    EXPECT_THAT(Read(), ElementsAre("after"));
    env_.KillProcess();
    for (size_t i = 1; i < Segments().size(); ++i) ASSERT_TRUE(env_.Remove("/spool/" + Segments()[i]).ok());
  }
}

TEST_F(SpoolTest, DamageCostsItsFrameAlone) {
  Open();
  for (const char* line : {"one", "two", "three"}) EXPECT_TRUE(Append({line}));
  const std::string path = "/spool/" + Segments()[0];
  const uint64_t size = *env_.FileSize(path);
  const std::string whole = *base::ReadFile(env_, path, 1 << 20);
  const size_t frame = (size - 16 - 2) / 3;  // "three" is two longer
  for (size_t at = 16; at < size; ++at) {
    ASSERT_TRUE(env_.Corrupt(path, at, std::string(1, static_cast<char>(whole[at] ^ 0x40))).ok());
    Kill();
    std::vector<std::string> expected{"one", "two", "three"};
    const size_t hit = std::min<size_t>((at - 16) / frame, 2);
    expected.erase(expected.begin() + static_cast<ptrdiff_t>(hit));
    EXPECT_THAT(Read(), ElementsAreArray(expected)) << at;
    EXPECT_EQ(spool_->damaged(), hit == 2 ? 0U : 1U) << at;
    ASSERT_TRUE(env_.Corrupt(path, at, whole.substr(at, 1)).ok());
  }
}

TEST_F(SpoolTest, ADamagedCursorMeansFromTheBeginning) {
  Open();
  EXPECT_TRUE(Append({"one"}));
  EXPECT_THAT(Read(), ElementsAre("one"));
  ASSERT_TRUE(spool_->Done().ok());
  ASSERT_TRUE(env_.Corrupt("/spool/cursor", 3, "x").ok());
  Kill();
  EXPECT_THAT(Read(), ElementsAre("one"));
}

TEST_F(SpoolTest, TwoProcessesTakeDirectoriesOfTheirOwnAndTheNextOneTakesBoth) {
  Open();
  auto second = Spool::Open(env_, options_);
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(Append({"first's"}));
  const Lines lines({"second's"});
  absl::Status why;
  EXPECT_EQ((*second)->Append(lines.batch().entries, why), 1U);
  EXPECT_TRUE(env_.Exists("/spool.2"));
  second->reset();
  Kill();
  EXPECT_THAT(Read(), ElementsAre("first's", "second's"));
}

// Every operation fails once, and the disk fills up at every point: what was acknowledged is there, once, in
// order.
TEST_F(SpoolTest, NoFailureLosesOrDoublesWhatWasTaken) {
  for (const auto effect : {base::MemEnv::Effect::kNone, base::MemEnv::Effect::kPartial}) {
    for (uint64_t number = 1; number < 120; ++number) {
      base::MemEnv env;
      options_.max_bytes = 16 << 10;
      auto spool = Spool::Open(env, options_);
      ASSERT_TRUE(spool.ok());
      env.FailOperation(env.operations() + number, absl::ResourceExhaustedError("full"), effect);
      std::vector<std::string> taken, read;
      for (int i = 0; i < 60; ++i) {
        const std::string text = std::to_string(i) + std::string(200, 'x');
        const Lines line({text});
        absl::Status why;
        if ((*spool)->Append(line.batch().entries, why) == 1) taken.push_back(text);
        if (i % 3 != 0) continue;
        OwnedLines out;
        ASSERT_TRUE((*spool)->Read(500, kAll, out).ok());
        std::vector<Entry> entries;
        out.View(entries);
        for (const Entry& entry : entries) read.emplace_back(entry.line);
        (*spool)->Done().IgnoreError();
      }
      OwnedLines out;
      ASSERT_TRUE((*spool)->Read(kAll, kAll, out).ok());
      std::vector<Entry> entries;
      out.View(entries);
      for (const Entry& entry : entries) read.emplace_back(entry.line);
      ASSERT_EQ(read, taken) << number;
      ASSERT_GE(taken.size(), 59U);
    }
  }
}

}  // namespace
}  // namespace taffrail::sink
