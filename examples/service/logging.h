// How a service here sets up its log, and what it says about it when it ends.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <taffrail/ship.h>

namespace examples::service {

struct LogOptions {
  std::string taffrail_url;  // empty: nothing is sent
  std::string log_file;      // empty: none
  bool console = false;      // also when neither of the others is given
  std::string level = "debug";
};

struct LogSummary {
  uint64_t lines_logged = 0;     // by the calls
  uint64_t lines_delivered = 0;  // acknowledged by the server; without one: written to the other sinks
  uint64_t lines_dropped = 0;
};

// From construction to Finish, the log of this process.
class Logging {
 public:
  // Throws std::invalid_argument for a level that does not exist.
  Logging(const std::string& service, const LogOptions& options);

  // Lines given to the sinks so far; a call a few milliseconds ago may not be among them yet.
  [[nodiscard]] static uint64_t LinesLogged();

  // Delivers everything, waiting for the server as long as timeout_ms; nothing may be logged afterwards.
  LogSummary Finish(int64_t timeout_ms);

 private:
  std::shared_ptr<taffrail::LokiSink> server_;
};

}  // namespace examples::service
