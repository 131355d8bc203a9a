// The code of docs/logging.md: compiled, run, and compared with the document block by block.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "taffrail/config.h"
#include "taffrail/context.h"
#include "taffrail/log.h"
#include "taffrail/log_scope.h"
#include "taffrail/request_id.h"

namespace sample {

struct Task {
  int id;
  std::vector<std::string> tags;
};

void log_fields(taffrail::FieldWriter& out, const Task& task) {
  out.field("id", task.id);
  out.field("tags", task.tags);
}

namespace {

using taffrail::kv;

std::string describe_plan() { return "scan"; }
void run(const Task&) { throw std::runtime_error("no disk"); }
bool import_all() { return false; }

void Start(const std::string& log_path) {
  auto config = taffrail::Config::from_env();
  config.service = "api";
  config.sinks = {{taffrail::console_sink()}, {taffrail::file_sink(log_path)}};
  taffrail::init(std::move(config));
}

void Log(const Task& task, const std::string& path, const std::string& user,
         std::span<const taffrail::Header> headers) {
  static const taffrail::Logger log("tasks.service");
  log.info("Task created successfully", {{"duration_ms", 45}, {"path", "/api/v1/tasks"}});
  log.info("Task created successfully", kv("duration_ms", 45), kv("path", path));

  TAFFRAIL_DEBUG(log, "Plan chosen", kv("plan", describe_plan()));

  try {
    run(task);
  } catch (const std::exception& e) {
    log.error("Task failed", taffrail::error(e), kv("task", task));
  }

  const taffrail::RequestId id = taffrail::request_id_from(headers);
  const taffrail::Scope scope({{"request_id", id.id}, {"user_id", user}});
  std::jthread worker(taffrail::wrap([&] { log.info("Task indexed"); }));
  worker.join();

  taffrail::LogScope operation(log, "import_tasks", {{"file", path}});
  if (!import_all()) operation.fail("unreadable file");
}

}  // namespace
}  // namespace sample

namespace taffrail::log {
namespace {

std::string Read(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string WithoutIndent(const std::string& text) {
  std::stringstream in(text);
  std::string out;
  for (std::string line; std::getline(in, line);) {
    const size_t begin = line.find_first_not_of(' ');
    out += (begin == std::string::npos ? "" : line.substr(begin)) + "\n";
  }
  return out;
}

TEST(Sample, TheGuidesCodeRuns) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("taffrail_sample_" + std::to_string(getpid()) + ".log"))
          .string();
  sample::Start(path);
  const std::vector<taffrail::Header> headers = {{"X-Request-ID", "req_8f4e2b1c"}};
  sample::Log({7, {"a"}}, "/api/v1/tasks", "usr_1", headers);
  EXPECT_TRUE(taffrail::flush());
  const std::string lines = Read(path);
  EXPECT_NE(lines.find(R"("level":"INFO","service":"api","logger":"tasks.service",)"
                       R"("message":"Task created successfully",)"
                       R"("metadata":{"duration_ms":45,"path":"/api/v1/tasks"}})"),
            std::string::npos)
      << lines;
  EXPECT_NE(
      lines.find(R"("message":"Task indexed","context":{"request_id":"req_8f4e2b1c","user_id":"usr_1"}})"),
      std::string::npos);
  EXPECT_NE(lines.find(R"("reason":"unreadable file")"), std::string::npos);
  taffrail::init({});
  std::filesystem::remove(path);
}

TEST(Sample, TheGuideShowsThisCode) {
  const std::string code = WithoutIndent(Read(std::string(TAFFRAIL_SOURCE_DIR) + "/src/log/sample_test.cc"));
  const std::string guide = Read(std::string(TAFFRAIL_SOURCE_DIR) + "/docs/logging.md");
  const std::string fence = "```cpp\n";
  size_t blocks = 0;
  for (size_t at = guide.find(fence); at != std::string::npos; at = guide.find(fence, at)) {
    at += fence.size();
    const size_t end = guide.find("```", at);
    const std::string block = WithoutIndent(guide.substr(at, end - at));
    EXPECT_NE(code.find(block), std::string::npos) << block;
    ++blocks;
    at = end + 3;
  }
  EXPECT_EQ(blocks, 7U);
}

}  // namespace
}  // namespace taffrail::log
