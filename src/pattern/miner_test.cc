#include "pattern/miner.h"

#include <gtest/gtest.h>

#include <string>

#include "pattern/forms.h"
#include "pattern/jumps.h"

namespace taffrail::pattern {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

void Add(Forms& forms, const std::string& line, int64_t time_ns) {
  if (Forms::Form* const form = forms.Of(line); form != nullptr)
    forms.Count(*form, time_ns, [&] { return std::string_view(line); });
}

TEST(MinerTest, WordsThatDifferBecomeWildcards) {  // REQ Q-10
  Forms forms({.step_ns = 10 * kSecondNs});
  for (int i = 0; i < 20; ++i) Add(forms, "job " + std::to_string(i) + " of  alice done", i * kSecondNs);
  Add(forms, "job 21 of bob done", 21 * kSecondNs);
  Add(forms, "cannot reach the database", 5);
  const Mined mined = forms.Mine();
  ASSERT_EQ(mined.templates.size(), 2u);
  EXPECT_EQ(mined.lines, 22u);
  EXPECT_EQ(mined.templates[0].Text(), "job <_> of <_> done");
  EXPECT_EQ(mined.templates[0].lines.count, 21u);
  EXPECT_EQ(mined.templates[0].lines.counts.size(), 3u);
  EXPECT_EQ(mined.templates[0].lines.counts.at(10 * kSecondNs), 10u);
  EXPECT_EQ(mined.templates[0].lines.last_ns, 21 * kSecondNs);
  EXPECT_EQ(mined.templates[1].Text(), "cannot reach the database");
}

TEST(MinerTest, UnlikeLinesStayApartAndMemoryIsBounded) {  // REQ Q-10
  Miner miner(10);
  for (char a = 'a'; a <= 'z'; ++a) {
    const std::string word(1, a);
    miner.Add(word + " " + word + word + " x" + word, {.count = 2});
  }
  EXPECT_EQ(miner.unmatched(), 32u);
  EXPECT_EQ(std::move(miner).TakeTemplates().size(), 10u);

  Forms forms({});
  for (size_t i = 0; i < 2 * Forms::kMaxForms; ++i) {
    std::string name;  // without a digit
    for (size_t rest = i; rest > 0; rest /= 26) name += static_cast<char>('a' + rest % 26);
    Add(forms, "user " + name + "x has gone", static_cast<int64_t>(i));
    forms.FoldIfFull();
  }
  Add(forms, "", 0);
  Add(forms, std::string(100000, ' '), 0);
  Add(forms, std::string(10000, 'w'), 0);
  const Mined mined = forms.Mine();
  ASSERT_EQ(mined.templates.size(), 2u);
  EXPECT_EQ(mined.templates[0].Text(), "user <_> has gone");
  EXPECT_EQ(mined.templates[0].lines.count, 2 * Forms::kMaxForms);
  EXPECT_EQ(mined.templates[1].words[0], std::string(kMaxFormBytes, 'w'));
  EXPECT_EQ(mined.unmatched, 0u);
}

TEST(MinerTest, StepsGrowWithTheTimeThatIsCovered) {  // REQ Q-10
  Forms forms({.max_steps = 10});
  for (int64_t i = 0; i < 7; ++i) Add(forms, "tick of the clock", (100 + i) * kSecondNs);
  Add(forms, "tick of the clock", 3700 * kSecondNs);
  Mined mined = forms.Mine();
  EXPECT_EQ(mined.step_ns, 900 * kSecondNs);
  const std::map<int64_t, uint64_t> expected = {{0, 7}, {3600 * kSecondNs, 1}};
  EXPECT_EQ(mined.templates[0].lines.counts, expected);
  for (const int64_t time_ns : {INT64_MIN, int64_t{0}, INT64_MAX}) Add(forms, "tick of the clock", time_ns);
  mined = forms.Mine();
  EXPECT_LE(mined.templates[0].lines.counts.size(), 10u);
  EXPECT_EQ(mined.templates[0].lines.count, 3u);
}

TEST(MinerTest, ASampleIsTheFirstLineCutBetweenCharacters) {  // REQ Q-10
  Forms forms({});
  const std::string accents = "\xC3\xA9\xC3\xA9";
  std::string line = "job 1 ";
  while (line.size() < kMaxSampleBytes) line += accents;
  Add(forms, "job 2 ", 7);
  Add(forms, line + "x", 5);  // and an x, so that the limit is within a character
  Add(forms, "xjob 3" + line, 9);
  const Mined mined = forms.Mine();
  ASSERT_EQ(mined.templates.size(), 3u);
  for (const Template& each : mined.templates) {
    EXPECT_LE(each.lines.sample.size(), kMaxSampleBytes);
    EXPECT_NE(each.lines.sample.back(), '\xC3');
  }
}

// Whoever counts which lines, in whatever order: the answer is one.
TEST(MinerTest, PartsAreMergedToWhatOneCountsOfAll) {  // REQ Q-10
  const auto line_of = [](int i) {
    return i % 7 == 0 ? "failed with code " + std::to_string(i) : "user" + std::string(i % 3, 'x') + " is in";
  };
  const auto time_of = [](int i) { return (i * 37 % 1000) * kSecondNs; };
  Forms all({.max_steps = 20});
  Forms some({.max_steps = 20});
  Forms others({.max_steps = 20});
  for (int i = 0; i < 3000; ++i) {
    Add(all, line_of(i), time_of(i));
    const int back = 2999 - i;
    Add(back % 5 < 2 ? some : others, line_of(back), time_of(back));
  }
  others.Merge(some);
  const Mined once = all.Mine();
  const Mined parts = others.Mine();
  EXPECT_EQ(once.step_ns, parts.step_ns);
  EXPECT_EQ(once.lines, parts.lines);
  ASSERT_EQ(once.templates.size(), parts.templates.size());
  ASSERT_GE(once.templates.size(), 2u);
  for (size_t i = 0; i < once.templates.size(); ++i) {
    EXPECT_EQ(once.templates[i].Text(), parts.templates[i].Text());
    EXPECT_EQ(once.templates[i].lines.count, parts.templates[i].lines.count);
    EXPECT_EQ(once.templates[i].lines.counts, parts.templates[i].lines.counts);
    EXPECT_EQ(once.templates[i].lines.first_ns, parts.templates[i].lines.first_ns);
    EXPECT_EQ(once.templates[i].lines.last_ns, parts.templates[i].lines.last_ns);
    EXPECT_EQ(once.templates[i].lines.sample, parts.templates[i].lines.sample);
  }
}

TEST(JumpsTest, AStepFarAboveItsPastStandsOutOnce) {  // REQ Q-10
  std::map<int64_t, uint64_t> counts;
  for (int64_t i = 0; i < 60; ++i) counts[i] = 4 + static_cast<uint64_t>(i % 3);
  EXPECT_TRUE(JumpsOf(counts, 1, 0).empty());
  counts[30] = 71;
  counts[31] = 400;
  auto jumps = JumpsOf(counts, 1, 0);
  ASSERT_EQ(jumps.size(), 1u);
  EXPECT_EQ(jumps[0].from_ns, 30);
  EXPECT_EQ(jumps[0].to_ns, 32);
  EXPECT_EQ(jumps[0].lines, 471u);
  EXPECT_DOUBLE_EQ(jumps[0].usual, 5);
  for (int64_t i = 40; i < 60; ++i) counts[i] = 900;  // stays: told once
  jumps = JumpsOf(counts, 1, 0);
  ASSERT_EQ(jumps.size(), 2u);
  EXPECT_EQ(jumps[1].from_ns, 40);
}

TEST(JumpsTest, WhatIsKnownTooLittleOfDoesNot) {  // REQ Q-10
  EXPECT_TRUE(JumpsOf({}, 1, 0).empty());
  EXPECT_TRUE(JumpsOf({{100, 9}}, 1, 0).empty());   // nine lines
  EXPECT_TRUE(JumpsOf({{5, 1000}}, 1, 0).empty());  // nobody knows what was usual
  const auto first = JumpsOf({{100, 1000}}, 1, 0);  // after a hundred steps of nothing
  ASSERT_EQ(first.size(), 1u);
  EXPECT_DOUBLE_EQ(first[0].usual, 0);
  EXPECT_EQ(JumpsOf({{INT64_MIN, 1}, {INT64_MAX - 3, 50}}, 10, INT64_MIN).size(), 1u);
}

}  // namespace
}  // namespace taffrail::pattern
