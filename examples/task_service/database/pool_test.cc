#include "task_service/database/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <taffrail/config.h>

#include <filesystem>

#include "task_service/database/repository.h"
#include "task_service/database/schema.h"

namespace task_service {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    taffrail::Config config;
    config.level = taffrail::Level::kDebug;
    config.synchronous = true;
    config.sinks = {{.sink = lines_, .layout = "nested"}};
    taffrail::init(std::move(config));
    Connection connection(options_.path, options_.slow_query_ms);
    PrepareSchema(connection);
  }
  ~DatabaseTest() override {
    taffrail::init({});
    std::filesystem::remove_all(folder_);
  }

  std::string folder_ = testing::TempDir() + "taffrail_example_database";
  DatabaseOptions options_{
      .path = folder_ + "/tasks.db", .connections = 1, .wait_max = std::chrono::milliseconds(10)};
  std::shared_ptr<taffrail::MemorySink> lines_ = std::make_shared<taffrail::MemorySink>();
};

// REQ E-03
TEST_F(DatabaseTest, ExhaustionIsLoggedAndThrown) {
  ConnectionPool pool(options_);
  {
    const auto lease = pool.Acquire();
    EXPECT_THROW(pool.Acquire(), PoolExhausted);
  }
  EXPECT_NO_THROW(pool.Acquire());  // it came back
  EXPECT_THAT(lines_->lines(),
              Contains(AllOf(HasSubstr(R"("event":"ConnectionPoolExhausted")"),
                             HasSubstr(R"("level":"ERROR")"), HasSubstr(R"("waited_ms":10)"))));
}

// REQ E-03
TEST_F(DatabaseTest, QueriesAreLoggedWithoutWhatWasBoundToThem) {
  ConnectionPool pool(options_);
  Repository repository(pool);
  repository.FindUser("a-bound-value");
  EXPECT_THAT(lines_->lines(), Contains(AllOf(HasSubstr(R"("message":"Executed database query")"),
                                              HasSubstr(R"("query_type":"SELECT","table":"users")"))));
  EXPECT_THAT(lines_->lines(), Not(Contains(HasSubstr("a-bound-value"))));
}

TEST_F(DatabaseTest, FromTheThresholdOnAQueryIsSlow) {
  options_.slow_query_ms = 0;
  ConnectionPool pool(options_);
  Repository(pool).FindUser("x");
  EXPECT_THAT(lines_->lines(),
              Contains(AllOf(HasSubstr(R"("message":"Slow database query")"),
                             HasSubstr(R"("level":"WARNING")"), HasSubstr("FROM users WHERE id = ?"))));
}

TEST_F(DatabaseTest, AnUpdateFromAnOldVersionChangesNothing) {
  ConnectionPool pool(options_);
  Repository repository(pool);
  const Task task = repository.ListTasks({.organization_id = "org_10001", .status = {}}).at(0);
  EXPECT_FALSE(repository.UpdateTask(task, {.title = "new"}, task.version + 1));
  EXPECT_TRUE(repository.UpdateTask(task, {.title = "new"}, task.version));
  EXPECT_FALSE(repository.UpdateTask(task, {.title = "newer"}, task.version));
  const auto after = repository.FindTask("org_10001", task.id);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->title, "new");
  EXPECT_EQ(after->status, task.status);
  EXPECT_EQ(after->version, task.version + 1);
}

TEST_F(DatabaseTest, NobodySeesAnotherOrganizationsTasks) {
  ConnectionPool pool(options_);
  Repository repository(pool);
  const Task task = repository.ListTasks({.organization_id = "org_10001", .status = {}}).at(0);
  EXPECT_FALSE(repository.FindTask("org_10038", task.id));
  EXPECT_FALSE(repository.DeleteTask("org_10038", task.id));
  EXPECT_TRUE(repository.DeleteTask("org_10001", task.id));
}

}  // namespace
}  // namespace task_service
