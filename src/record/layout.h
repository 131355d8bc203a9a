// How a line looks, as data: a layout is a table of slots, each a key and what stands there. Layouts of other
// systems are other tables, not other code.
//
//   nested   {"timestamp", "level", "service", "environment", "version", "hostname", "process_id",
//   "thread_id",
//             "logger", "message", "context": {}, "metadata": {}, "source": {"file", "line", "function"},
//             "exception": {}}
//
// What is empty is left out: a slot whose value is the empty string, an object without members.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "taffrail/level.h"

namespace taffrail::record {

// What all lines of a process share.
struct ProcessFields {
  std::string service;
  std::string environment;
  std::string version;
  std::string hostname;
  int64_t process_id = 0;  // 0: not wanted
};

// One line. Borrowed.
struct LineView {
  int64_t time_ns = 0;
  Level level = Level::kInfo;
  std::string_view logger;
  std::string_view message;
  bool message_clipped = false;
  std::string_view fields;  // encoded: record/layout_fields.h
  bool fields_clipped = false;
  std::string_view context;       // encoded
  std::string_view context_json;  // the same as members: "a":1,"b":2
  std::string_view file, function;
  uint32_t line = 0;
  uint64_t thread_id = 0;
};

enum class SlotValue : uint8_t {
  kTimestamp,
  kLevel,
  kService,
  kEnvironment,
  kVersion,
  kHostname,
  kProcessId,
  kThreadId,
  kLogger,
  kMessage,
  kFile,
  kFunction,
  kLine,
  kContext,        // an object of the scopes' fields
  kMetadata,       // an object of the call's fields
  kContextInline,  // the same, as members of the object that the slot is in
  kMetadataInline,
  kException,
  kObject,  // of the slots in `children`
};

struct Slot {
  std::string key;  // unused by the inline ones
  SlotValue value;
  Level from = Level::kTrace;  // written from this level up
  std::vector<Slot> children;
};

struct LayoutSpec {
  int fraction_digits = 3;  // of the timestamp's second
  std::vector<Slot> slots;
};

struct NestedOptions {
  int fraction_digits = 3;
  Level source_from = Level::kError;
  bool thread_id = false;
};
LayoutSpec NestedLayout(const NestedOptions& options);

// A layout made ready: what does not change from line to line is rendered once. Thread-safe.
class Layout {
 public:
  Layout(const LayoutSpec& spec, const ProcessFields& process);
  // One JSON object, without newline.
  void AppendLine(const LineView& line, std::string& out) const;

 private:
  struct Step {
    SlotValue value;
    Level from;
    std::string key;     // as given
    std::string prefix;  // "key": or, for what never changes, the whole member
    std::vector<Step> children;
  };
  static std::vector<Step> Compile(const std::vector<Slot>& slots, const ProcessFields& process);
  void AppendSteps(const std::vector<Step>& steps, const LineView& line, std::string& out) const;
  void AppendStep(const Step& step, const LineView& line, std::string& out) const;

  int fraction_digits_;
  std::vector<Step> steps_;
};

// For a terminal: 2025-10-30T14:23:45.123Z INFO     tasks.service: Task created  duration_ms=45
// request_id=req_8f4e2b1c Control characters of messages are escaped, so that a logged string cannot command
// the terminal.
class TextLayout {
 public:
  TextLayout(int fraction_digits, bool colour) : fraction_digits_(fraction_digits), colour_(colour) {}
  void AppendLine(const LineView& line, std::string& out) const;

 private:
  int fraction_digits_;
  bool colour_;
};

}  // namespace taffrail::record
