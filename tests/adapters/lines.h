// What an adapter's test sees: the lines, without their timestamps.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "taffrail/config.h"
#include "taffrail/log.h"

namespace taffrail {

class Lines {
 public:
  Lines() {
    Config config;
    config.level = Level::kTrace;
    config.sinks = {{memory_, Level::kTrace, "nested"}};
    config.source_from = Level::kOff;
    init(std::move(config));
  }
  ~Lines() { init({}); }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  std::vector<std::string> Take() {
    flush();
    std::vector<std::string> lines;
    for (const std::string& line : memory_->lines())
      lines.push_back("{" + line.substr(line.find("\"level\"")));
    memory_->clear();
    return lines;
  }

 private:
  std::shared_ptr<MemorySink> memory_ = std::make_shared<MemorySink>();
};

}  // namespace taffrail
