// A line as a syslog message.
#pragma once

#include <string>
#include <string_view>

#include "taffrail/sink_syslog.h"

namespace taffrail::sink {

class SyslogMessage {
 public:
  // REQUIRES: config names app and host, and a limit.
  explicit SyslogMessage(const SyslogConfig& config);

  // Appends the message for this line, without framing.
  void Append(const Entry& entry, std::string& out) const;

 private:
  int facility_;
  bool bsd_format_;
  size_t max_bytes_;
  std::string host_and_app_;  // "host app pid ", or "app[pid]: "
  std::string structured_;    // "-" or "[…]"
};

}  // namespace taffrail::sink
