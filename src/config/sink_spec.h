// A sink as a file describes it, and the sink itself made of that.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/field.h"
#include "taffrail/config.h"
#include "taffrail/ship.h"
#include "taffrail/sink_durable.h"
#include "taffrail/sink_file.h"
#include "taffrail/sink_syslog.h"

namespace taffrail::config {

enum class SinkType : uint8_t { kConsole, kFile, kFiles, kSyslog, kJournald, kLoki };

struct SinkSpec {
  SinkType type = SinkType::kConsole;
  Level level = Level::kTrace;
  std::string layout;
  std::vector<Category> categories;
  ConsoleStream stream = ConsoleStream::kStdout;  // kConsole
  std::string path;                               // kFile; of kFiles the directory
  FileOptions file;                               // kFile, kFiles
  SyslogConfig syslog;                            // kSyslog
  JournaldConfig journald;                        // kJournald
  LokiConfig loki;                                // kLoki
  DurableConfig spool;                            // but kConsole, kFiles; without a spool_dir there is none
};

const RecordType* SinkRecords();

// Makes sinks, and gives the same one again for the same description while it is in use: a changed
// configuration keeps the connections, queues and open files of the sinks that it did not touch. Not
// thread-safe.
class SinkFactory {
 public:
  std::vector<SinkConfig> Make(const std::vector<SinkSpec>& specs);

 private:
  struct Made {
    SinkConfig config;  // without the sink
    std::weak_ptr<Sink> sink;
  };
  static bool Reuse(const std::vector<Made>& made, std::vector<SinkConfig>& sinks);

  std::map<std::string, std::vector<Made>> made_;  // the last call's, by their description
};

}  // namespace taffrail::config
