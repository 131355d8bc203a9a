#include "server/exposition.h"

#include "gtest/gtest.h"

namespace taffrail::server {
namespace {

// REQ Q-07
TEST(Exposition, SamplesOfAFamilyStandTogether) {
  Exposition out;
  for (const char* const tenant : {"tenant=\"a\"", "tenant=\"b\""}) {
    out.SetCommonLabels(tenant);
    out.One("rows", "gauge", "Records.", 7);
    out.Family("seconds", "histogram", "Waits.");
    out.Suffixed("_bucket", 1, "le=\"0.5\"");
    out.Suffixed("_sum", 0.25);
  }
  EXPECT_EQ(out.Text(),
            "# HELP rows Records.\n# TYPE rows gauge\n"
            "rows{tenant=\"a\"} 7\nrows{tenant=\"b\"} 7\n"
            "# HELP seconds Waits.\n# TYPE seconds histogram\n"
            "seconds_bucket{tenant=\"a\",le=\"0.5\"} 1\nseconds_sum{tenant=\"a\"} 0.25\n"
            "seconds_bucket{tenant=\"b\",le=\"0.5\"} 1\nseconds_sum{tenant=\"b\"} 0.25\n");
}

TEST(Exposition, LabelsAreQuotedAndMayBeMissing) {
  Exposition out;
  out.Family("found_total", "counter", "What was found.");
  out.Sample(1, "service=\"" + LabelValue("a\"b\\c\nd") + "\"");
  out.Sample(2);
  EXPECT_EQ(out.Text(),
            "# HELP found_total What was found.\n# TYPE found_total counter\n"
            "found_total{service=\"a\\\"b\\\\c d\"} 1\nfound_total 2\n");
}

}  // namespace
}  // namespace taffrail::server
