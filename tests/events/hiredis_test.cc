// The instrumentation of hiredis with a Redis server, where one is installed.
#include "taffrail/instrument/hiredis.h"

#include <gmock/gmock.h>

#include <thread>

#include "logged_lines.h"
#include "server_process.h"

namespace taffrail::instrument {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kServer = "/usr/bin/redis-server";

class HiredisTest : public LoggedTest {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kServer)) GTEST_SKIP() << "no Redis server is installed";
    LoggedTest::SetUp();
    signal(SIGPIPE, SIG_IGN);  // hiredis writes to a server that is gone
    const std::string socket = directory_.path() + "/socket";
    server_ = std::make_unique<Child>(std::vector<std::string>{kServer, "--port", "0", "--unixsocket", socket,
                                                               "--save", "", "--dir", directory_.path()},
                                      0, 0);
    constexpr int kTries = 300;  // half a minute, for a busy machine
    for (int i = 0; i < kTries; ++i) {
      redis_ = redisConnectUnix(socket.c_str());
      if (redis_->err == 0) return;
      redisFree(std::exchange(redis_, nullptr));
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    FAIL() << "the server did not start";
  }
  void TearDown() override {
    if (redis_ != nullptr) redisFree(redis_);
    LoggedTest::TearDown();
  }
  std::string Text(void* reply) {
    const auto* answer = static_cast<redisReply*>(reply);
    std::string text = answer != nullptr && answer->str != nullptr ? answer->str : "";
    if (reply != nullptr) freeReplyObject(reply);
    return text;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Child> server_;
  redisContext* redis_ = nullptr;
};

// REQ E-03
TEST_F(HiredisTest, CommandsAreLoggedWithoutTheirArguments) {
  EXPECT_EQ(Text(redis_command(redis_, "SET session:%s %b", "secret-id", "secret\0value", size_t{12})), "OK");
  EXPECT_EQ(Text(redis_command(redis_, "get session:%s", "secret-id")), "secret");
  const char* arguments[] = {"MGET", "secret", "session:secret-id"};
  const size_t sizes[] = {4, 6, 17};
  freeReplyObject(redis_command_argv(redis_, 3, arguments, sizes));
  freeReplyObject(redis_command(redis_, "GET nobody@example.com:1"));
  Text(redis_command(redis_, "PING"));
  EXPECT_THAT(Everything(), Not(HasSubstr("secret")));
  EXPECT_THAT(
      Lines({"query_type", "table", "rows", "db_system", "query"}),
      ElementsAre(
          "Executed database query query_type=\"SET\" table=\"session\" rows=1 "
          "db_system=\"redis\" query=\"SET ? ...\"",
          "Executed database query query_type=\"GET\" table=\"session\" rows=1 "
          "db_system=\"redis\" query=\"GET ?\"",
          "Executed database query query_type=\"MGET\" rows=2 db_system=\"redis\" query=\"MGET ? ...\"",
          "Executed database query query_type=\"GET\" rows=0 db_system=\"redis\" query=\"GET ?\"",
          "Executed database query query_type=\"PING\" rows=1 db_system=\"redis\" query=\"PING\""));
  EXPECT_EQ(stats_.totals().database_queries, 5U);
}

TEST_F(HiredisTest, ErrorsAreFailures) {
  Text(redis_command(redis_, "SET list:1 x"));
  Lines({});
  EXPECT_THAT(Text(redis_command(redis_, "LPUSH list:1 secret")), HasSubstr("WRONGTYPE"));
  Text(redis_command(redis_, "NOSUCH secret"));
  EXPECT_THAT(Everything(), Not(HasSubstr("secret")));
  EXPECT_THAT(Lines({"query", "error_code"}),
              ElementsAre("Database query failed query=\"LPUSH ? ...\" error_code=\"WRONGTYPE\"",
                          "Database query failed query=\"NOSUCH ?\" error_code=\"ERR\""));
  server_->Stop();
  EXPECT_EQ(redis_command(redis_, "PING"), nullptr);
  EXPECT_THAT(Lines({"query"}), ElementsAre("Database query failed query=\"PING\""));
}

}  // namespace
}  // namespace taffrail::instrument
