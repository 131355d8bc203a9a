// Everything at once: threads that log in every way there is, while levels, files, layouts and policies
// change. For the sanitizers most of all; without them it still shows that no line is lost or torn.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <simdjson.h>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "taffrail/config.h"
#include "taffrail/context.h"
#include "taffrail/foreign.h"
#include "taffrail/log.h"
#include "taffrail/log_scope.h"
#include "taffrail/sink_file.h"

namespace taffrail {
namespace {

constexpr int kThreads = 8;
constexpr int kRounds = 150;
constexpr size_t kLargeBytes = 40'000;  // more than a quarter of the ring: goes around it

struct Throws {};
[[maybe_unused]] void log_fields(FieldWriter& out, const Throws&) {
  out.field("before", 1);
  throw std::runtime_error("in log_fields");
}

// Each line of a worker has worker and n; all n from 0 on are there.
int LogInEveryWay(int worker) {
  const Logger log("mixed.worker" + std::to_string(worker % 3));
  const BoundLogger bound = log.with({{"worker", worker}});
  int n = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Scope scope({{"request_id", "req_" + std::to_string(round)}});
    log.info("by values", kv("worker", worker), kv("n", n++), kv("text", "x\"\n"), kv("share", 0.5));
    log.warning("as a list", {{"worker", worker}, {"n", n++}, {"http", {{"status", 200}}}});
    bound.info("bound", kv("n", n++));
    bound.with({{"attempt", round}}).info("bound twice", kv("n", n++));
    log.error("with an error", error(std::runtime_error("no")), kv("worker", worker), kv("n", n++));
    log.info(std::string("made at run time"), kv("worker", worker), kv("n", n++));
    log_foreign({.logger = "mixed.foreign", .message = "foreign"}, {{"worker", worker}, {"n", n++}});
    if (round % 10 == 0) {
      log.info("large", kv("worker", worker), kv("n", n++), kv("text", std::string(kLargeBytes, 'x')));
      log.info("throws", kv("bad", Throws{}));
      std::jthread(wrap([&] { log.info("elsewhere", kv("worker", worker), kv("n", n++)); })).join();
    }
    log.debug("now and then");
    TAFFRAIL_TRACE(log, "hardly ever", kv("n", round));
  }
  return n;
}

class MixedUseTest : public testing::Test {
 protected:
  MixedUseTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "taffrail_mixed_XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~MixedUseTest() override {
    init({});
    std::filesystem::remove_all(directory_);
  }

  void Configure(int turn) {
    static constexpr const char* kLayouts[] = {"nested", "flat", "otel", "request"};
    Config config;
    config.layout = kLayouts[turn % 4];
    config.level = turn % 2 == 0 ? Level::kInfo : Level::kDebug;
    config.queue_policy = turn % 3 == 0 ? QueuePolicy::kGrow : QueuePolicy::kBlock;
    config.thread_name = turn % 2 == 0;
    config.source_from = turn % 3 == 0 ? Level::kTrace : Level::kError;
    config.sinks = {{rotating_}};
    init(std::move(config));
  }

  // Every line of every file, each a JSON object.
  std::map<int, std::vector<bool>> Read() {
    std::map<int, std::vector<bool>> seen;
    simdjson::dom::parser parser;
    for (const auto& file : std::filesystem::directory_iterator(directory_)) {
      std::ifstream stream(file.path());
      for (std::string line; std::getline(stream, line);) {
        simdjson::dom::element element;
        EXPECT_EQ(parser.parse(line).get(element), simdjson::SUCCESS) << line;
        Note(line, seen);
      }
    }
    return seen;
  }

  std::string directory_;
  std::shared_ptr<Sink> rotating_;

 private:
  static int Number(const std::string& line, std::string_view key) {
    const size_t at = line.find(key);
    return at == std::string::npos ? -1 : std::atoi(line.c_str() + at + key.size());
  }
  static void Note(const std::string& line, std::map<int, std::vector<bool>>& seen) {
    const int worker = Number(line, "\"worker\":"), n = Number(line, "\"n\":");
    if (worker < 0 || n < 0) return;
    std::vector<bool>& of_worker = seen[worker];
    if (of_worker.size() <= static_cast<size_t>(n)) of_worker.resize(static_cast<size_t>(n) + 1);
    EXPECT_FALSE(of_worker[static_cast<size_t>(n)]) << "twice: " << line;
    of_worker[static_cast<size_t>(n)] = true;
  }
};

// REQ L-09, L-02
TEST_F(MixedUseTest, NothingIsLostTornOrTwiceWhileEverythingChanges) {
  FileOptions rotation;
  rotation.max_bytes = 200'000;
  rotating_ = file_sink(directory_ + "/app.log", rotation);
  const uint64_t failed_before = stats().lines_failed;
  Configure(0);
  std::atomic<int> running = kThreads;
  std::vector<int> logged(kThreads);
  std::vector<std::jthread> workers;
  for (int i = 0; i < kThreads; ++i) {
    workers.emplace_back([&, i] {
      logged[static_cast<size_t>(i)] = LogInEveryWay(i);
      --running;
    });
  }
  for (int turn = 1; running > 0; ++turn) {
    Configure(turn);
    set_level("mixed", turn % 2 == 0 ? Level::kTrace : Level::kInfo);
    request_reopen();
    EXPECT_TRUE(flush(60'000));
    EXPECT_EQ(stats().lines_failed, failed_before);
    reset_level("mixed");
  }
  workers.clear();
  EXPECT_TRUE(flush(60'000));
  const auto seen = Read();
  for (int i = 0; i < kThreads; ++i) {
    ASSERT_TRUE(seen.contains(i));
    EXPECT_EQ(seen.at(i), std::vector<bool>(static_cast<size_t>(logged[static_cast<size_t>(i)]), true)) << i;
  }
}

}  // namespace
}  // namespace taffrail
