// REQ L-12
#include "taffrail/adapters/glog.h"

#include <gmock/gmock.h>

#include "lines.h"

namespace taffrail {
namespace {

using testing::ElementsAre;

class GlogAdapter : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    google::InitGoogleLogging("adapter_glog_test");
    for (const google::LogSeverity severity : {google::GLOG_INFO, google::GLOG_WARNING, google::GLOG_ERROR}) {
      google::SetLogDestination(severity, "");  // no files of glog's own
    }
    FLAGS_stderrthreshold = google::GLOG_FATAL;
  }
};

TEST_F(GlogAdapter, LinesGoThroughWithTheirLevels) {
  Lines lines;
  adapters::GlogSink sink("legacy");
  google::AddLogSink(&sink);
  LOG(INFO) << "order " << 17;
  LOG(WARNING) << "w\n2";
  LOG(ERROR) << "e";
  google::RemoveLogSink(&sink);
  EXPECT_THAT(lines.Take(), ElementsAre(R"({"level":"INFO","logger":"legacy","message":"order 17"})",
                                        R"({"level":"WARNING","logger":"legacy","message":"w\n2"})",
                                        R"({"level":"ERROR","logger":"legacy","message":"e"})"));
}

}  // namespace
}  // namespace taffrail
