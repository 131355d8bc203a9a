#include "record/well_known.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/time_text.h"
#include "record/batch_builder.h"

namespace taffrail::record {
namespace {

RecordBatch Build(const std::vector<std::string>& lines) {
  BatchBuilder builder;
  for (const std::string& line : lines) builder.Append(line, 42);
  return builder.Finish();
}

TEST(WellKnownTest, TimesComeFromWhateverTheFieldIsCalled) {
  RecordBatch batch = Build({
      R"({"timestamp":"2025-10-01T16:12:05.785Z","n":1})",
      R"({"t":{"$date":"2025-10-01T16:12:05.785+00:00"},"s":"I"})",
      R"({"ts":1759335125.785})",
      R"({"time":1759335125785})",
      R"({"unixTime":1759335125785000000,"calendarTime":"x"})",
      R"({"@timestamp":"2025-10-01T18:12:05.785+02:00"})",
      R"({"asctime":"2025-10-01 16:12:05,785"})",
  });
  const TimeReport report = SetTimesFromFields(batch);
  EXPECT_EQ(report.missing, 0u);
  EXPECT_EQ(report.unreadable, 0u);
  for (size_t row = 0; row < batch.rows(); ++row) {
    EXPECT_EQ(batch.timestamp_ns[row], 1759335125785000000) << row;
  }
}

TEST(WellKnownTest, MissingAndUnreadableTimesKeepWhatTheRowHas) {
  RecordBatch batch = Build({R"({"a":1})", "text", R"({"timestamp":"soon"})", R"({"time":0})",
                             R"({"timestamp":"1970-01-01T00:00:01Z"})", R"({"timestamp":null,"a":1})"});
  const TimeReport report = SetTimesFromFields(batch);
  EXPECT_EQ(report.missing, 3u);
  EXPECT_EQ(report.unreadable, 2u);
  EXPECT_EQ(batch.timestamp_ns, (std::vector<int64_t>{42, 42, 42, 42, 1000000000, 42}));
}

TEST(WellKnownTest, TheNamedTimeFieldIsTheOnlyOne) {
  RecordBatch batch = Build({R"({"timestamp":"2025-10-01T00:00:00Z","seen":"2025-10-02T00:00:00Z"})"});
  SetTimesFromFields(batch, "seen");
  EXPECT_EQ(base::FormatRfc3339(batch.timestamp_ns[0], 0), "2025-10-02T00:00:00Z");
}

TEST(WellKnownTest, TheBetterNameWins) {
  const RecordBatch batch =
      Build({R"({"msg":"b","message":"a"})", R"({"host":"h","service":"s"})", R"({"x":1})"});
  EXPECT_EQ(HolesOf(batch, Role::kMessage), (std::vector<int>{1, -1, -1}));
  EXPECT_EQ(HolesOf(batch, Role::kService), (std::vector<int>{-1, 1, -1}));
}

}  // namespace
}  // namespace taffrail::record
