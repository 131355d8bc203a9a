#include "cmd/dashes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace taffrail::cmd {
namespace {

std::vector<std::string> Through(const std::vector<std::string>& words) {
  std::vector<std::string> back;
  for (const std::string& word : MarkDashes(words)) {
    back.push_back((word.front() == '-' ? "option " : "") + Unmarked(word));
  }
  return back;
}

TEST(Dashes, TellsTermsFromOptions) {
  using testing::ElementsAre;
  EXPECT_THAT(Through({"search", "-path:/health", "--limit", "5", "-q", "-"}),
              ElementsAre("search", "-path:/health", "option --limit", "5", "option -q", "option -"));
  EXPECT_THAT(Through({"-a", "--", "-a", "--limit", "x", "--"}),
              ElementsAre("option -a", "-a", "--limit", "x", "--"));
  EXPECT_THAT(Through({"-level:ERROR level:INFO", "-\"a b\"", "--x:y"}),
              ElementsAre("-level:ERROR level:INFO", "-\"a b\"", "option --x:y"));
}

}  // namespace
}  // namespace taffrail::cmd
