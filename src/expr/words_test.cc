#include "expr/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace taffrail::expr {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Ids(std::string_view text) {
  std::vector<std::string> ids;
  ForEachId(text, [&ids](std::string_view id) { ids.emplace_back(id); });
  return ids;
}

TEST(WordsTest, IdsAreLongWordsWithADigitAndMoreThanANumber) {  // REQ Q-07
  EXPECT_THAT(Ids("request REQ_8f4E2b1c done"), ElementsAre("req_8f4e2b1c"));
  EXPECT_THAT(Ids("550e8400-e29b-41d4-a716-44665544ab00"),
              ElementsAre("44665544ab00"));  // 550e8400 may be a number
  EXPECT_THAT(Ids("x-8f4e2b1c"), ElementsAre("8f4e2b1c"));
  EXPECT_THAT(Ids("timestamp password"), IsEmpty());
  EXPECT_THAT(Ids("1700000000000 12345678.5e10"), IsEmpty());
  EXPECT_THAT(Ids("abcdef1"), IsEmpty());
  EXPECT_THAT(Ids(std::string(128, 'a') + "1"), IsEmpty());
  EXPECT_THAT(Ids("größe123"), ElementsAre("größe123"));
}

TEST(WordsTest, PhraseMatchesWholeWordsNextToEachOther) {  // REQ Q-06
  const PhraseMatcher phrase("Time out");
  EXPECT_TRUE(phrase.Matches("Time-out!"));
  EXPECT_TRUE(phrase.Matches("a time time OUT"));
  EXPECT_FALSE(phrase.Matches("time is out"));
  EXPECT_FALSE(phrase.Matches("timeout"));
  EXPECT_FALSE(phrase.Matches("time"));
  EXPECT_FALSE(phrase.Matches("time outer"));
  EXPECT_EQ(phrase.longest_word(), "time");
}

TEST(WordsTest, PhraseWithoutWordsMatchesNothing) {
  EXPECT_TRUE(PhraseMatcher(" -:").empty());
  EXPECT_FALSE(PhraseMatcher("").Matches("anything"));
}

TEST(WordsTest, WordsAreOfAnyScript) {
  EXPECT_TRUE(PhraseMatcher("größe").Matches("Die größe: 5"));
  EXPECT_FALSE(PhraseMatcher("größ").Matches("größe"));
}

}  // namespace
}  // namespace taffrail::expr
