#include "taffrail/events/security.h"

#include <gmock/gmock.h>

#include "events/logged_for_tests.h"
#include "taffrail/context.h"

namespace taffrail::events {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class SecurityTest : public LoggedTest {
 protected:
  SecurityTest() { set_suspicion_policy({.failures = 3}); }
  ~SecurityTest() override { set_suspicion_policy({}); }
};

// REQ E-06
TEST_F(SecurityTest, ManyFailuresOfOneUserOrAddressAreSuspicious) {
  for (int i = 0; i < 3; ++i) {
    authentication_failed({.user_id = "ann", .ip_address = "10.0.0." + std::to_string(i)});
  }
  EXPECT_THAT(LinesWith("Suspicious activity"),
              ElementsAre(AllOf(HasSubstr("\"user_id\":\"ann\""), Not(HasSubstr("ip_address")),
                                HasSubstr("\"failures\":3"), HasSubstr("\"logger\":\"security.activity\""))));
  for (int i = 0; i < 3; ++i) {
    authentication_failed({.user_id = "user" + std::to_string(i), .ip_address = "10.9.9.9"});
  }
  EXPECT_THAT(LinesWith("Suspicious activity"),
              ElementsAre(AllOf(HasSubstr("\"ip_address\":\"10.9.9.9\""), Not(HasSubstr("user_id")))));
  for (int i = 0; i < 3; ++i) authentication_succeeded({.user_id = "eve", .ip_address = "10.1.1.1"});
  EXPECT_EQ(LinesWith("Suspicious activity").size(), 0U);
}

TEST_F(SecurityTest, TheUserStandsInTheContextOnce) {
  const Scope request({{"request_id", "req_1"}, {"user_id", "ann"}});
  permission_denied({.user_id = "ann", .action = "tasks.delete"});
  permission_denied({.user_id = "bob", .action = "tasks.delete"});
  permission_denied({.user_id = "", .action = "tasks.delete"});
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr(R"("context":{"request_id":"req_1","user_id":"ann"})"),
                                   HasSubstr(R"("context":{"request_id":"req_1","user_id":"bob"})"),
                                   HasSubstr(R"("context":{"request_id":"req_1","user_id":"ann"})")));
  EXPECT_EQ(context_value("user_id"), "ann");
}

TEST_F(SecurityTest, AKeyIsToldFromOthersAndNotShown) {
  const std::string key = "sk-live-0123456789abcdef";
  api_key_used({.api_key = key});
  api_key_used({.api_key = key});
  api_key_used({.api_key = key + "0"});
  api_key_used({.api_key = "fifteen letters"});
  const std::vector<std::string> lines = Lines();
  ASSERT_EQ(lines.size(), 4U);
  const auto hash = [](const std::string& line) { return line.substr(line.find("api_key_hash"), 33); };
  EXPECT_EQ(hash(lines[0]), hash(lines[1]));
  EXPECT_NE(hash(lines[0]), hash(lines[2]));
  EXPECT_THAT(lines[0], AllOf(HasSubstr("\"api_key_prefix\":\"sk-l\""), Not(HasSubstr("sk-li"))));
  EXPECT_THAT(lines[3], Not(HasSubstr("fif")));
}

}  // namespace
}  // namespace taffrail::events
