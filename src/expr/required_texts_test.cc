#include "expr/required_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <algorithm>
#include <random>
#include <string>

#include "expr/substring.h"

namespace taffrail::expr {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST(RequiredTextsTest, NamesWhatEveryMatchContains) {
  EXPECT_THAT(RequiredTextsOf("timeout after [0-9]+ ms", false),
              ElementsAre(UnorderedElementsAre("timeout after ", " ms")));
  EXPECT_THAT(RequiredTextsOf("(?i)Connection Reply", false), ElementsAre(ElementsAre("connection reply")));
  EXPECT_THAT(RequiredTextsOf("alpha.*|bravo.", false),
              UnorderedElementsAre(ElementsAre("alpha"), ElementsAre("bravo")));
  // Where case is ignored, k and s may be letters beyond ASCII.
  EXPECT_THAT(RequiredTextsOf("(?i)disk failure", false), ElementsAre(ElementsAre(" failure")));
}

TEST(RequiredTextsTest, SaysNothingWhereNothingIsKnown) {
  for (const char* pattern : {"", ".", "[0-9]+", "a?", "timeout|.", "ab", "(timeout)?", "(", "[a-z]{3}"}) {
    EXPECT_THAT(RequiredTextsOf(pattern, false), IsEmpty()) << pattern;
  }
}

// A text that matches has them, whatever the pattern; also where letters fold beyond ASCII.
TEST(RequiredTextsTest, NeverRulesOutAMatch) {
  const std::string pieces[] = {"time", "Kelvin", "k", "S",         "straße",   "[a-c]+",
                                ".*",   "(x|yy)", "é", "(?i:Long)", "(?i)disk", "0"};
  const std::string words[] = {
      "time", "TIME", "kelvin", "\u212Aelvin", "k",    "s",    "\u017F",         "straße", "STRAßE", "abc",
      "x",    "yy",   "É",      "é",           "long", "LONG", "DI\u017F\u212A", "0",      " "};
  std::mt19937_64 random(5);
  int matches = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string pattern;
    for (size_t i = 1 + random() % 3; i > 0; --i) {
      pattern += pieces[random() % std::size(pieces)];
      if (random() % 5 == 0) pattern += '|';
    }
    const bool ignore_case = random() % 2 == 0;
    std::string text;
    for (size_t i = random() % 6; i > 0; --i) text += words[random() % std::size(words)];
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(!ignore_case);
    const re2::RE2 regex(pattern, options);
    if (!regex.ok() || !re2::RE2::PartialMatch(text, regex)) continue;
    ++matches;
    const RequiredTexts required = RequiredTextsOf(pattern, ignore_case);
    const bool passes =
        required.empty() || std::any_of(required.begin(), required.end(), [&](const auto& texts) {
          return std::all_of(texts.begin(), texts.end(), [&](const std::string& wanted) {
            return FindFolded(text, wanted) != std::string_view::npos;
          });
        });
    ASSERT_TRUE(passes) << pattern << " in " << text;
  }
  EXPECT_GT(matches, 1000);
}

}  // namespace
}  // namespace taffrail::expr
