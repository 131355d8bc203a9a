// Lines to a syslog daemon: RFC 5424 over the local socket, UDP (RFC 5426) or TCP (RFC 6587, counted octets).
// No TLS: let a local daemon relay, or use a shipper that has it (ship.h).
//
// A socket that takes nothing makes write() wait for at most a fifth of a second (for a TCP connection two
// seconds, and then no more for five); to lose nothing when the daemon is away, put durable_sink
// (sink_durable.h) around it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "taffrail/sinks.h"

namespace taffrail {

enum class SyslogFacility : uint8_t {
  kUser = 1,
  kDaemon = 3,
  kAuth = 4,
  kAuthpriv = 10,
  kLocal0 = 16,
  kLocal1,
  kLocal2,
  kLocal3,
  kLocal4,
  kLocal5,
  kLocal6,
  kLocal7,
};

struct SyslogConfig {
  // "unix:/dev/log", "udp://host:514", "tcp://host:601", "tcp://[::1]:601".
  std::string address = "unix:/dev/log";
  SyslogFacility facility = SyslogFacility::kUser;
  std::string app_name;  // empty: the program's
  std::string hostname;  // empty: the machine's
  // [structured_id name="value" …] on every line, when there are any.
  std::string structured_id = "taffrail@32473";
  std::vector<std::pair<std::string, std::string>> structured_data;
  // "<13>Nov 21 10:00:00 app[17]: …" instead (RFC 3164 without a host, as libc writes it): what daemons
  // expect on the local socket unless told otherwise.
  bool bsd_format = false;
  // Of one message; a longer one is cut between characters. 0: 8 KiB (rsyslog's own default) over datagrams,
  // 64 KiB over streams.
  size_t max_message_bytes = 0;
};
// The severity is the level's, MSGID the category, MSG the line.
std::shared_ptr<Sink> syslog_sink(SyslogConfig config = {});

struct JournaldConfig {
  std::string identifier;  // SYSLOG_IDENTIFIER; empty: the program's name
  std::string socket = "/run/systemd/journal/socket";
};
// To systemd's journal by its native protocol. Fields: MESSAGE (the line's message), PRIORITY,
// SYSLOG_IDENTIFIER, CODE_FILE, CODE_LINE, CODE_FUNC (from the line's source), TAFFRAIL_LOGGER,
// TAFFRAIL_CATEGORY, TAFFRAIL_REQUEST_ID, and TAFFRAIL_JSON, the whole line. A line that is not JSON is
// MESSAGE.
std::shared_ptr<Sink> journald_sink(JournaldConfig config = {});

}  // namespace taffrail
