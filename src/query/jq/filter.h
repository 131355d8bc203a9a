// Runs a jq filter over lines, in a process of its own.
//
//   query ── program, lines ──> worker (this program again, libjq inside) ── outputs, failures ──> query
//
// A filter may never end (`def f: f; f`), fill the memory, recurse until the stack ends, or meet a regular
// expression that backtracks for hours, and libjq offers no way to interrupt it. A process can be limited by
// the kernel and killed at any time: nothing that a filter does outlives its query or touches the server.
// docs/decisions/0030-jq-in-its-own-process.md has the alternatives.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace taffrail::query::jq {

struct Limits {
  // Processor time for one line. People's filters take microseconds; what takes seconds does not end.
  uint32_t line_cpu_ms = 5'000;
  // Of the worker beyond what it starts with. A line has at most 2 MiB, which libjq holds in some ten times
  // that.
  uint64_t memory_bytes = uint64_t{256} << 20;
  // From one line: `.[]` of the longest array that a line can hold stays below.
  uint64_t line_outputs = 1'000'000;
  uint64_t line_output_bytes = uint64_t{64} << 20;
};

struct Line {
  std::string_view text;
  bool is_json = true;  // false: a string to the filter
};

// What came of a line: `line` counts from the first of the run. Views are valid during the call.
class Sink {
 public:
  virtual ~Sink() = default;
  // One output as compact JSON. False: no more is wanted, and the filter must not be used again.
  virtual absl::StatusOr<bool> OnOutput(size_t line, std::string_view json) = 0;
  // The filter failed for the line, after the outputs that came before.
  virtual void OnFailure(size_t line, std::string_view message) = 0;
};

class Filter {
 public:
  // Ok to go on; asked many times a second while the worker is waited for.
  using Check = std::function<absl::Status()>;

  // InvalidArgument: what jq says of the program. ResourceExhausted: it took too much to compile.
  static absl::StatusOr<std::unique_ptr<Filter>> Start(std::string_view program, const Limits& limits,
                                                       const Check& check);
  ~Filter();  // ends the worker
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  // Puts each line through the filter; false when no more is wanted: the sink said so, or the filter halted.
  // ResourceExhausted: a limit, and which. After an error the filter must not be used again.
  absl::StatusOr<bool> Run(const std::vector<Line>& lines, Sink& sink, const Check& check);

  // Nothing will be run for a while: the worker ends by itself after kSpareSeconds, unless it hears of more
  // lines first. False: it has gone. REQUIRES: each Run gave true.
  bool Rest();
  static constexpr int kSpareSeconds = 60;
  bool Lives();

  pid_t worker() const { return pid_; }

 private:
  Filter(pid_t pid, int socket, const Limits& limits) : pid_(pid), socket_(socket), limits_(limits) {}

  absl::Status Send(std::string_view bytes, const Check& check);
  // The next message: its type, and its payload in payload_.
  absl::StatusOr<char> Receive(const Check& check);
  absl::Status Wait(short events, const Check& check);
  absl::Status WhyEnded();
  absl::Status Compile(std::string_view program, const Check& check);

  pid_t pid_;
  int socket_;
  const Limits limits_;
  std::string received_;  // from at_ on not yet used
  size_t at_ = 0;
  std::string_view payload_;  // into received_, until the next Receive
};

}  // namespace taffrail::query::jq
