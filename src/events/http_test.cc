#include "taffrail/events/http.h"

#include <gmock/gmock.h>

#include "events/logged_for_tests.h"

namespace taffrail::events {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class HttpTest : public LoggedTest {
 protected:
  ~HttpTest() override { set_performance_tiers({}); }
};

// REQ E-01
TEST_F(HttpTest, TheTiers) {
  EXPECT_EQ(performance_tier(99'999us), "fast");
  EXPECT_EQ(performance_tier(100ms), "normal");
  EXPECT_EQ(performance_tier(1s), "slow");
  EXPECT_EQ(performance_tier(4'999ms), "slow");
  EXPECT_EQ(performance_tier(5s), "very_slow");
  set_performance_tiers({.fast = 10ms, .normal = 5ms, .slow = 20ms});  // normal cannot be below fast
  EXPECT_EQ(performance_tier(9ms), "fast");
  EXPECT_EQ(performance_tier(10ms), "slow");
  EXPECT_EQ(performance_tier(20ms), "very_slow");
}

TEST_F(HttpTest, AVerySlowOneIsAWarning) {
  http_request({.method = "GET", .path = "/", .status_code = 200, .duration = 5s});
  EXPECT_THAT(Lines(), ElementsAre(AllOf(HasSubstr("\"level\":\"WARNING\""), HasSubstr("very_slow"))));
}

TEST_F(HttpTest, AUserAgentIsCut) {
  const std::string agent = std::string(199, 'a') + "\u00e9" + std::string(10'000, 'b');
  http_request({.method = "GET", .path = "/", .user_agent = agent});
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("\"" + std::string(199, 'a') + "\"")));
}

TEST_F(HttpTest, HostileTextIsEscapedLikeAnyOther) {
  http_request({.method = "G\"T", .path = "/\n\xff", .status_code = 400}, {{"a\"b", "\x01"}});
  EXPECT_THAT(Lines(), ElementsAre(AllOf(HasSubstr(R"("method":"G\"T","path":"/\n)"),
                                         HasSubstr(R"("a\"b":"\u0001"})"))));
}

TEST_F(HttpTest, FeaturesDecideWhatIsWritten) {
  const HttpRequestEvent quick{.method = "GET", .path = "/", .status_code = 200, .duration = 10ms};
  Init({.slow_requests_only = true, .slow_request_threshold_ms = 20});
  http_request(quick);
  EXPECT_THAT(Lines(), ElementsAre());
  HttpRequestEvent slow = quick;
  slow.duration = 20ms;
  http_request(slow);
  HttpRequestEvent refused = quick;
  refused.status_code = 404;
  http_request(refused);
  EXPECT_EQ(Lines().size(), 2U);
  Init({.metrics = false});
  http_request(refused);
  EXPECT_THAT(Lines(), ElementsAre());
}

}  // namespace
}  // namespace taffrail::events
