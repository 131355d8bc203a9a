// "names" in a queue directory's entry: what the process is, and everything that records point to and that
// never changes - call sites, loggers. Appended to with write(2), each thing before any record can refer to
// it; of several of one address (a library was unloaded) the last one counts.
//
//   names   chunk*
//   chunk   u32 size | u32 checksum | u8 type | payload      size and checksum: of the last two
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "log/site_state.h"
#include "sink/fd.h"
#include "taffrail/config.h"
#include "taffrail/detail/call.h"

namespace taffrail::log {

// What a line says of its process.
struct ProcessNames {
  uint64_t pid = 0;
  std::string service;
  std::string environment;
  std::string version;
  std::string hostname;  // empty: not on the lines, as the next
  std::string process_name;
  bool process_id = false;
  bool thread_id = false;
  bool thread_name = false;
  Level source_from = Level::kError;
  Precision timestamp = Precision::kMillis;
  bool redacted = false;  // by a redactor of its own: code or rules, which stand nowhere
};

struct SinkNames {
  std::string path;  // empty: no file
  Level level = Level::kTrace;
  std::string layout;  // resolved: never "auto", unless there is no file
  std::vector<Category> categories;
};

// Not thread-safe.
class NamesWriter {
 public:
  static absl::StatusOr<NamesWriter> Create(const std::string& path);

  [[nodiscard]] absl::Status Add(const ProcessNames& process, const std::vector<SinkNames>& sinks);
  [[nodiscard]] absl::Status Add(const detail::CallSite& site, const char* message);
  [[nodiscard]] absl::Status Add(const detail::LoggerNode& logger);

 private:
  explicit NamesWriter(sink::Fd fd) : fd_(std::move(fd)) {}
  absl::Status Append(char type, std::string_view payload);

  sink::Fd fd_;
};

// A call site of a process that is gone, rebuilt here. Outlives what renders its lines.
struct RecoveredSite : detail::CallSite {
  ~RecoveredSite() { ForgetSite(*this); }

  std::string message_text;
  std::string file;
  std::string function;
  bool message_in_record = false;
  std::vector<std::string> key_texts;
  std::vector<detail::SiteKey> key_storage;
  std::vector<detail::FieldType> type_storage;
};

struct Names {
  ProcessNames process;
  std::vector<SinkNames> sinks;
  std::map<uint64_t, std::unique_ptr<RecoveredSite>> sites;  // by the address that records have
  std::map<uint64_t, detail::LoggerNode*> loggers;
  bool damaged = false;  // the rest of the file makes no sense

  static Names Parse(std::string_view bytes);
};

}  // namespace taffrail::log
