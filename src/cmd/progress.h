// How far long work has come: a bar on a terminal, a plain line every few seconds in a log.
//
//   app.ndjson.zst  ███████████░░░░░░░░░  54 %  218 MB of 403 MB  341 k lines/s  0.6 s left
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/env.h"

namespace taffrail::cmd {

struct ProgressState {
  uint64_t done_bytes = 0;
  uint64_t total_bytes = 0;  // 0: unknown (stdin)
  uint64_t lines = 0;        // 0: not shown
  int64_t elapsed_ns = 0;
};

// One line, without its end, of at most `width` columns; unicode bar blocks.
std::string RenderProgress(std::string_view label, const ProgressState& state, size_t width);

// Draws on stderr. Update may be called as often as one likes, by one thread at a time.
class Progress {
 public:
  enum class Mode : uint8_t { kTerminal, kPlain, kSilent };
  Progress(base::Env& env, Mode mode) : env_(env), mode_(mode), start_ns_(env.MonotonicNs()) {}
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  static Mode ModeOfStderr(bool quiet);

  void SetLabel(std::string label) { label_ = std::move(label); }
  void Update(uint64_t done_bytes, uint64_t total_bytes, uint64_t lines);
  void Clear();  // removes the bar, so that other output can follow
  int64_t elapsed_ns() const { return env_.MonotonicNs() - start_ns_; }

 private:
  base::Env& env_;
  const Mode mode_;
  const int64_t start_ns_;
  int64_t last_draw_ns_ = 0;
  bool drawn_ = false;
  std::string label_;
};

}  // namespace taffrail::cmd
