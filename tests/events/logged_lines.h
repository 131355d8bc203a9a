// What a test of instrumentation has in common: a log kept in memory, read back as fields.
#pragma once

#include <gtest/gtest.h>
#include <simdjson.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "taffrail/config.h"
#include "taffrail/events/request_stats.h"

namespace taffrail::instrument {

class LoggedTest : public testing::Test {
 protected:
  void SetUp() override {
    memory_ = std::make_shared<MemorySink>();
    Config config;
    config.level = Level::kTrace;
    config.synchronous = true;
    config.sinks = {{memory_, Level::kTrace, "nested"}};
    init(std::move(config));
  }
  void TearDown() override { shutdown(); }

  // The lines since the last time, each as "MESSAGE key=value …" with the metadata of these keys.
  std::vector<std::string> Lines(const std::vector<std::string_view>& keys) {
    std::vector<std::string> told;
    simdjson::dom::parser parser;
    for (const std::string& line : memory_->lines()) {
      const simdjson::dom::element parsed = parser.parse(line);
      std::string text(parsed["message"].get_string().value());
      for (const std::string_view key : keys) {
        simdjson::dom::element value;
        if (parsed["metadata"][key].get(value) == simdjson::SUCCESS) {
          text.append(" ").append(key).append("=").append(simdjson::minify(value));
        }
      }
      told.push_back(text);
    }
    memory_->clear();
    return told;
  }
  std::string Everything() const {
    std::string all;
    for (const std::string& line : memory_->lines()) all += line + "\n";
    return all;
  }

  std::shared_ptr<MemorySink> memory_;
  const events::RequestStats stats_;
  const events::RequestStatsScope stats_scope_{stats_};
};

}  // namespace taffrail::instrument
