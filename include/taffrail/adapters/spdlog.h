// spdlog → Taffrail: existing spdlog calls become structured lines.
//
//   auto sink = std::make_shared<taffrail::adapters::SpdlogSink>();
//   spdlog::set_default_logger(std::make_shared<spdlog::logger>("app", sink));
//
// The spdlog logger's name is the line's logger; its levels stand for ours (critical, err, warn, …). spdlog's
// own level comes first: set it to trace to leave the choice to Taffrail. Patterns and formatters are
// ignored.
#pragma once

#include <spdlog/details/log_msg.h>
#include <spdlog/sinks/sink.h>

#include <memory>
#include <string_view>

#include "taffrail/foreign.h"
#include "taffrail/log.h"

namespace taffrail::adapters {

class SpdlogSink final : public spdlog::sinks::sink {
 public:
  void log(const spdlog::details::log_msg& message) override {
    const auto text = [](const char* chars) {
      return chars == nullptr ? std::string_view() : std::string_view(chars);
    };
    log_foreign({.logger = {message.logger_name.data(), message.logger_name.size()},
                 .level = level_of(message.level),
                 .message = {message.payload.data(), message.payload.size()},
                 .file = text(message.source.filename),
                 .function = text(message.source.funcname),
                 .line = message.source.line > 0 ? static_cast<uint32_t>(message.source.line) : 0});
  }
  void flush() override { taffrail::flush(); }
  void set_pattern(const std::string& /*pattern*/) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter> /*formatter*/) override {}

 private:
  static Level level_of(spdlog::level::level_enum level) {
    switch (level) {
      case spdlog::level::trace:
        return Level::kTrace;
      case spdlog::level::debug:
        return Level::kDebug;
      case spdlog::level::warn:
        return Level::kWarning;
      case spdlog::level::err:
        return Level::kError;
      case spdlog::level::critical:
        return Level::kCritical;
      default:
        return Level::kInfo;
    }
  }
};

}  // namespace taffrail::adapters
