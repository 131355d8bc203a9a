// What a test finds in the log: lines as flat maps from a key to its value as text.
#pragma once

#include <simdjson.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "taffrail/config.h"
#include "taffrail/log.h"

namespace taffrail::middleware {

// "message", "level", "logger"; members of context and metadata by their own names, "exception.type".
using Line = std::map<std::string, std::string>;

inline void Flatten(simdjson::dom::object object, const std::string& prefix, Line& line) {
  for (const auto& [key, value] : object) {
    if (value.is_object()) {
      const bool is_own = key == "context" || key == "metadata";
      Flatten(value.get_object(), is_own ? "" : prefix + std::string(key) + ".", line);
    } else {
      line[prefix + std::string(key)] =
          value.is_string() ? std::string(value.get_string().value()) : simdjson::to_string(value);
    }
  }
}

// Every line of the process from now on, written before the call that logs it returns.
class CapturedLines {
 public:
  explicit CapturedLines(const Features& features = {}) { Configure(features); }
  ~CapturedLines() { init({}); }
  CapturedLines(const CapturedLines&) = delete;
  CapturedLines& operator=(const CapturedLines&) = delete;

  void Configure(const Features& features) {
    Config config;
    config.level = Level::kTrace;
    config.synchronous = true;
    config.features = features;
    config.sinks = {{memory_, Level::kTrace, "nested"}};
    init(std::move(config));
  }

  std::vector<Line> All() const {
    std::vector<Line> lines;
    for (const std::string& text : memory_->lines()) {
      simdjson::dom::parser parser;
      simdjson::dom::element json;
      Line& line = lines.emplace_back();
      if (parser.parse(text).get(json) == simdjson::SUCCESS) {
        Flatten(json.get_object(), "", line);
      } else {
        line["message"] = "not JSON: " + text;
      }
    }
    return lines;
  }
  std::vector<Line> With(const std::string& key, std::string_view value) const {
    std::vector<Line> found;
    for (Line& line : All()) {
      if (const auto at = line.find(key); at != line.end() && at->second == value)
        found.push_back(std::move(line));
    }
    return found;
  }
  std::vector<Line> Requests() const { return With("event", "http_request"); }
  void Clear() { memory_->clear(); }

 private:
  static constexpr size_t kLinesMax = 1'000'000;
  std::shared_ptr<MemorySink> memory_ = std::make_shared<MemorySink>(kLinesMax);
};

}  // namespace taffrail::middleware
