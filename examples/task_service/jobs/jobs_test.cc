#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <taffrail/config.h>

#include <stdexcept>

#include "task_service/jobs/queue.h"
#include "task_service/jobs/worker.h"

namespace task_service {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class JobsTest : public testing::Test {
 protected:
  JobsTest() {
    taffrail::Config config;
    config.synchronous = true;
    config.sinks = {{.sink = lines_, .layout = "nested"}};
    taffrail::init(std::move(config));
  }
  ~JobsTest() override { taffrail::init({}); }

  std::shared_ptr<taffrail::MemorySink> lines_ = std::make_shared<taffrail::MemorySink>();
  JobQueue queue_;
};

auto Line(const std::string& level, const std::string& message) {
  return AllOf(HasSubstr("\"level\":\"" + level + "\""), HasSubstr("\"message\":\"" + message + "\""));
}

// REQ C-07 L-07
TEST_F(JobsTest, AJobRunsUnderTheContextOfItsRequest) {
  std::string seen;
  {
    const taffrail::Scope scope({{"request_id", "req_1"}});
    EXPECT_TRUE(queue_.Enqueue("look", [&] { seen = taffrail::context_value("request_id"); }));
  }
  Worker(queue_).Drain();
  EXPECT_EQ(seen, "req_1");
  EXPECT_THAT(lines_->lines(), ElementsAre(Line("INFO", "Job enqueued"), Line("INFO", "Job started"),
                                           Line("INFO", "Job succeeded")));
  EXPECT_THAT(lines_->lines(), Each(HasSubstr(R"("context":{"request_id":"req_1","job_id":"job_)")));
}

// REQ C-07
TEST_F(JobsTest, AJobThatFailsOnceIsRunAgain) {
  int runs = 0;
  queue_.Enqueue("flaky", [&] {
    if (++runs == 1) {
      throw std::runtime_error("not yet");
    }
  });
  Worker(queue_).Drain();
  EXPECT_EQ(runs, 2);
  EXPECT_THAT(lines_->lines(),
              ElementsAre(Line("INFO", "Job enqueued"), Line("INFO", "Job started"),
                          AllOf(Line("WARNING", "Job failed, will be tried again"), HasSubstr("not yet")),
                          Line("INFO", "Job started"), Line("INFO", "Job succeeded")));
}

TEST_F(JobsTest, AFullQueueRefuses) {
  for (size_t i = 0; i < JobQueue::kJobsMax; ++i) {
    ASSERT_TRUE(queue_.Enqueue("fill", [] {}));
  }
  lines_->clear();
  EXPECT_FALSE(queue_.Enqueue("one too many", [] {}));
  EXPECT_THAT(lines_->lines(), ElementsAre(Line("ERROR", "Job rejected")));
}

TEST_F(JobsTest, AClosedQueueRefusesButGivesWhatItHas) {
  queue_.Enqueue("first", [] {});
  queue_.EnqueueAgain({.id = "job_x", .task_name = "in an hour"}, std::chrono::hours(1));
  queue_.Close();
  EXPECT_FALSE(queue_.Enqueue("late", [] {}));
  EXPECT_EQ(queue_.Take()->task_name, "first");
  EXPECT_EQ(queue_.Take()->task_name, "in an hour");
  EXPECT_FALSE(queue_.Take());
}

}  // namespace
}  // namespace task_service
