#include "taffrail/events/job.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "events/logged_for_tests.h"
#include "taffrail/context.h"
#include "taffrail/log.h"

namespace taffrail::events {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class JobTest : public LoggedTest {
 protected:
  const Logger log_{"t"};
};

// REQ C-07, E-05
TEST_F(JobTest, AJobCarriesTheIdOfItsRequest) {
  {
    const JobScope job({.task_name = "send_mail", .job_id = "job_1", .queue = "mail", .request_id = "req_1"});
    log_.info("inside");
  }
  log_.info("outside");
  const auto both = HasSubstr(R"("context":{"job_id":"job_1","request_id":"req_1"})");
  EXPECT_THAT(Lines(), ElementsAre(AllOf(HasSubstr("\"Job started\""), both,
                                         HasSubstr(R"("enqueued_by_request_id":"req_1")")),
                                   AllOf(HasSubstr("\"inside\""), both),
                                   AllOf(HasSubstr("\"Job succeeded\""), both, HasSubstr("\"duration_ms\":")),
                                   AllOf(HasSubstr("\"outside\""), Not(HasSubstr("context")))));
}

TEST_F(JobTest, WithinAProcessTheContextHasTheRequest) {
  const Scope request({{"request_id", "req_2"}});
  { const JobScope job({.task_name = "send_mail", .job_id = "job_1"}); }
  EXPECT_EQ(LinesWith(R"("enqueued_by_request_id":"req_2")").size(), 2U);
}

TEST_F(JobTest, AnExceptionThatLeavesItIsAFailure) {
  try {
    const JobScope job({.task_name = "send_mail", .job_id = "job_1"});
    throw std::runtime_error("no route");
  } catch (const std::exception&) {
  }
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("\"Job started\""), HasSubstr("\"Job failed\"")));
}

TEST_F(JobTest, FailureAndRetryBySaying) {
  {
    JobScope job({.task_name = "send_mail", .job_id = "job_1", .attempt = 3});
    job.fail("no route");
  }
  {
    JobScope job({.task_name = "send_mail", .job_id = "job_1"});
    job.retry(30s, "busy", error(std::runtime_error("refused")));
  }
  {
    JobScope job({.task_name = "send_mail", .job_id = "job_1"});
    job.retry(30s);
    job.fail("no use");
  }
  EXPECT_THAT(
      LinesWith("Job failed"),
      ElementsAre(AllOf(HasSubstr("\"ERROR\""), HasSubstr("\"attempt\":3"), HasSubstr("no route")),
                  AllOf(HasSubstr("\"WARNING\""), HasSubstr("\"retry_in_ms\":30000"), HasSubstr("busy"),
                        HasSubstr("\"exception\":{\"type\":\"std::runtime_error\"")),
                  AllOf(HasSubstr("\"ERROR\""), HasSubstr("no use"), Not(HasSubstr("retry_in")))));
}

TEST_F(JobTest, AJobWithinUnwindingIsNoFailureByItself) {
  struct Cleanup {
    ~Cleanup() { const JobScope job({.task_name = "cleanup", .job_id = "job_2"}); }
  };
  try {
    const Cleanup cleanup;
    throw std::runtime_error("elsewhere");
  } catch (const std::exception&) {
  }
  EXPECT_EQ(LinesWith("Job succeeded").size(), 1U);
}

}  // namespace
}  // namespace taffrail::events
