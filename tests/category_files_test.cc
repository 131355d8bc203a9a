// Loggers to files by their category, through the whole library.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "taffrail/config.h"
#include "taffrail/log.h"
#include "taffrail/sink_file.h"

namespace taffrail {
namespace {

// REQ L-11
TEST(CategoryFiles, EachLineGoesToItsCategoryAndErrorsToErrorLogToo) {
  const std::string dir = testing::TempDir() + "/category-files-" + std::to_string(getpid());
  Config config;
  config.level = Level::kTrace;
  config.sinks = category_files(dir + "/logs");
  init(config);
  Logger("tasks").info("one");
  Logger("audit.oauth").info("two");
  Logger("performance").warning("three");
  Logger("security.login").error("four");
  Logger("tasks").critical("five");
  ASSERT_TRUE(flush());
  init({});
  const auto messages = [&](const std::string& name) {
    std::ifstream file(dir + "/logs/" + name);
    std::string found;
    for (std::string line; std::getline(file, line);) {
      for (const char* message : {"one", "two", "three", "four", "five"}) {
        if (line.find("\"message\":\"" + std::string(message) + "\"") != std::string::npos)
          found.append(message).append(" ");
      }
    }
    return found;
  };
  EXPECT_EQ(messages("app.log"), "one five ");
  EXPECT_EQ(messages("audit.log"), "two ");
  EXPECT_EQ(messages("performance.log"), "three ");
  EXPECT_EQ(messages("security.log"), "four ");
  EXPECT_EQ(messages("error.log"), "four five ");
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace taffrail
