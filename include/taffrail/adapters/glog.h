// glog → Taffrail: existing LOG(INFO) << … become structured lines.
//
//   static taffrail::adapters::GlogSink sink;          // until the end of the program
//   google::AddLogSink(&sink);
//   FLAGS_logtostderr = false; google::SetLogDestination(google::GLOG_INFO, "");  // glog's own files off
//
// glog has no logger names: the lines come from the logger given here. FATAL is CRITICAL, and flushed before
// glog aborts.
#pragma once

#include <glog/logging.h>

#include <cstddef>
#include <ctime>
#include <string>
#include <utility>

#include "taffrail/foreign.h"
#include "taffrail/log.h"

namespace taffrail::adapters {

class GlogSink final : public google::LogSink {
 public:
  explicit GlogSink(std::string logger = "glog") : logger_(std::move(logger)) {}

  void send(google::LogSeverity severity, const char* full_filename, const char* /*base_filename*/, int line,
            const google::LogMessageTime& /*time*/, const char* message, size_t message_size) override {
    log_foreign({.logger = logger_,
                 .level = level_of(severity),
                 .message = {message, message_size},
                 .file = full_filename,
                 .line = static_cast<uint32_t>(line)});
    if (severity == google::GLOG_FATAL) taffrail::flush();
  }

 private:
  static Level level_of(google::LogSeverity severity) {
    switch (severity) {
      case google::GLOG_INFO:
        return Level::kInfo;
      case google::GLOG_WARNING:
        return Level::kWarning;
      case google::GLOG_ERROR:
        return Level::kError;
      default:
        return Level::kCritical;
    }
  }

  std::string logger_;
};

}  // namespace taffrail::adapters
