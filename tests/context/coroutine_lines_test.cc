// A thousand coroutines on a pool of threads, and every line that they log.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <latch>
#include <map>
#include <memory>
#include <string>

#include "context/pool_for_tests.h"
#include "taffrail/config.h"
#include "taffrail/coroutine.h"
#include "taffrail/log_scope.h"
#include "taffrail/propagate/headers.h"

namespace taffrail {
namespace {

using context::PoolForTests;

struct Work {
  struct promise_type : ContextPromise {
    Work get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    auto final_suspend() noexcept { return carry(std::suspend_always()); }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

constexpr int kCoroutines = 1000;
constexpr int kSteps = 5;

Work Request(PoolForTests& pool, const Logger& log, int number, std::latch& done) {
  {
    const std::string id = "r" + std::to_string(number);
    const IdScope ids(id);
    const Span span("request");
    for (int i = 0; i < kSteps; ++i) {
      const Scope scope({{"step", i}});
      co_await pool.Hop();
      log.info("step", kv("expected", id), kv("expected_step", i));
      LogScope inner(log, "inner");
      co_await pool.Hop();
      log.info(id, {{"expected", id}, {"expected_step", i}});  // a line of the slower kind
    }
  }
  done.count_down();
  co_await std::suspend_always();
}

// REQ L-07, C-01
TEST(CoroutineLines, EachHasTheFieldsOfItsOwnRequest) {
  const auto sink = std::make_shared<MemorySink>(100'000);
  Config config;
  config.layout = "nested";
  config.sinks = {{sink}};
  init(std::move(config));
  const Logger log("coroutines");
  std::latch done(kCoroutines);
  std::vector<Work> all;
  {
    PoolForTests pool(4);
    for (int i = 0; i < kCoroutines; ++i) {
      all.push_back(Request(pool, log, i, done));
      all.back().handle.resume();
    }
    done.wait();
    EXPECT_EQ(pool.soiled(), 0);
  }
  for (const Work& work : all) work.handle.destroy();
  ASSERT_TRUE(shutdown());

  simdjson::dom::parser parser;
  std::map<std::string, int> lines_of;       // by request
  std::map<std::string, std::string> trace;  // likewise
  int checked = 0;
  for (const std::string& line : sink->lines()) {
    const simdjson::dom::element json = parser.parse(line);
    const std::string id(json["context"]["request_id"].get_string().value());
    const std::string trace_id(json["context"]["trace_id"].get_string().value());
    ++lines_of[id];
    EXPECT_EQ(trace.emplace(id, trace_id).first->second, trace_id);
    std::string_view expected;
    if (json["metadata"]["expected"].get(expected) != simdjson::SUCCESS) continue;
    ++checked;
    EXPECT_EQ(id, expected);
    EXPECT_EQ(json["context"]["step"].get_int64().value(),
              json["metadata"]["expected_step"].get_int64().value());
    const std::string_view message = json["message"].get_string().value();
    EXPECT_TRUE(message == "step" || message == expected) << message;
  }
  EXPECT_EQ(checked, kCoroutines * kSteps * 2);
  EXPECT_EQ(lines_of.size(), static_cast<size_t>(kCoroutines));
  for (const auto& [id, lines] : lines_of)
    EXPECT_EQ(lines, kSteps * 4) << id;  // "inner" starts and completes
}

}  // namespace
}  // namespace taffrail
