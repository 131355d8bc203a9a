// Server-sent events (WHATWG HTML §9.2.6), as the tail of a server sends them.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace taffrail::cmd {

struct SseEvent {
  std::string id;  // of this or the last event that gave one
  std::string name = "message";
  std::string data;  // data lines joined by newlines
};

// Takes the stream in pieces of any size. Not thread-safe.
class SseParser {
 public:
  // Returning false stops the parsing.
  using OnEvent = std::function<bool(const SseEvent&)>;

  // ResourceExhausted when one event exceeds kMaxEventBytes: no server of ours sends that, so it is no event
  // stream. Otherwise false once on_event returned false.
  absl::StatusOr<bool> Feed(std::string_view piece, const OnEvent& on_event);

  // A clipped line of 2 MiB, escaped as JSON, can take six times its size.
  static constexpr size_t kMaxEventBytes = size_t{16} << 20;

 private:
  bool TakeLine(std::string_view line, const OnEvent& on_event);

  std::string line_;       // begun, not ended
  bool after_cr_ = false;  // the last line ended in CR: a LF that follows belongs to it
  bool has_data_ = false;
  SseEvent event_;
};

}  // namespace taffrail::cmd
