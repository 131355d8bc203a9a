#include "cmd/progress.h"

#include <gtest/gtest.h>

#include "cmd/printable.h"

namespace taffrail::cmd {
namespace {

TEST(Progress, ShowsShareRateAndWhatIsLeft) {  // REQ P-03
  const ProgressState half{200'000'000, 400'000'000, 500'000, 2'000'000'000};
  EXPECT_EQ(RenderProgress("app.ndjson", half, 100),
            "app.ndjson  ███████████████░░░░░░░░░░░░░░░   50 %  200 MB of 400 MB  250 k lines/s  2.0 s left");
}

TEST(Progress, OfUnknownLengthShowsWhatIsKnown) {
  const ProgressState state{3'000'000, 0, 0, 1'000'000'000};
  EXPECT_EQ(RenderProgress("-", state, 100), "-  3.0 MB  3.0 MB/s");
}

TEST(Progress, NeverWiderThanTheTerminal) {
  const ProgressState state{200'000'000, 400'000'000, 500'000, 2'000'000'000};
  for (size_t width = 0; width < 120; ++width) {
    EXPECT_LE(DisplayWidth(RenderProgress("日本語.log", state, width)), width);
  }
}

TEST(Progress, MoreThanAnnouncedIsStillAtMostAll) {  // a file that grows while it is read
  const ProgressState state{500, 400, 10, 1'000'000'000};
  EXPECT_NE(RenderProgress("f", state, 100).find("100 %"), std::string::npos);
}

}  // namespace
}  // namespace taffrail::cmd
