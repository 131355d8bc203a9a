// Config::from_env: the environment variables that existing services use.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "record/level.h"
#include "taffrail/config.h"

namespace taffrail {
namespace {

std::string_view Get(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

bool IsOneOf(std::string_view value, std::initializer_list<std::string_view> words) {
  std::string lower(value);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return std::ranges::find(words, lower) != words.end();
}

void Complain(const char* name, std::string_view value, const char* wanted) {
  std::fprintf(stderr, "taffrail: %s=%.*s makes no sense; it should be %s\n", name,
               static_cast<int>(value.size()), value.data(), wanted);
}

}  // namespace

Config Config::from_env() {
  Config config;
  config.service = Get("SERVICE_NAME");
  config.environment = Get("ENVIRONMENT");
  config.version = Get("SERVICE_VERSION");
  if (config.version.empty()) config.version = Get("APP_VERSION");

  if (const auto text = Get("LOG_LEVEL"); !text.empty()) {
    if (const auto level = record::ParseLevel(text)) {
      config.level = *level;
    } else if (IsOneOf(text, {"off", "none"})) {
      config.level = Level::kOff;
    } else {
      Complain("LOG_LEVEL", text, "TRACE, DEBUG, INFO, WARNING, ERROR, CRITICAL or OFF");
    }
  }
  if (const auto json = Get("JSON_LOGS"); !json.empty()) {
    config.layout = IsOneOf(json, {"0", "false", "no", "off"}) ? "text" : "nested";
  }
  if (const auto format = Get("LOG_FORMAT"); !format.empty()) {
    if (IsOneOf(format, {"json", "nested"})) {
      config.layout = "nested";
    } else if (IsOneOf(format, {"text", "console"})) {
      config.layout = "text";
    } else {
      Complain("LOG_FORMAT", format, "json or text");
    }
  }
  if (const auto file = Get("LOG_FILE"); !file.empty()) {
    config.sinks = {{console_sink()}, {file_sink(std::string(file))}};
  }
  return config;
}

}  // namespace taffrail
