// A log kept in memory, for tests of what the events write.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "taffrail/config.h"

namespace taffrail::events {

class LoggedTest : public testing::Test {
 protected:
  LoggedTest() { Init({}); }
  ~LoggedTest() override { shutdown(); }

  void Init(const Features& features) {
    memory_ = std::make_shared<MemorySink>();
    Config config;
    config.level = Level::kTrace;
    config.synchronous = true;
    config.features = features;
    config.sinks = {{memory_, Level::kTrace, "nested"}};
    init(std::move(config));
  }
  // Since the last time.
  std::vector<std::string> Lines() {
    std::vector<std::string> lines = memory_->lines();
    memory_->clear();
    return lines;
  }
  // The lines that hold a text, of those since the last time.
  std::vector<std::string> LinesWith(std::string_view text) {
    std::vector<std::string> lines = Lines();
    std::erase_if(lines, [&](const std::string& line) { return line.find(text) == std::string::npos; });
    return lines;
  }

 private:
  std::shared_ptr<MemorySink> memory_;
};

}  // namespace taffrail::events
