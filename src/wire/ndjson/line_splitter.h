// Cuts a stream of bytes, arriving in pieces of any size, into lines: at '\n' and nowhere else, so that a
// '\r' before it stays with its line and the bytes can be given back. A last line without a newline counts.
//
// Lines inside one piece are passed on where they stand; only a line that spans pieces is copied. Of a line
// beyond the limit no more than the limit is ever held.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "record/intake.h"

namespace taffrail::wire::ndjson {

class LineSplitter {
 public:
  explicit LineSplitter(size_t max_line_bytes = record::kMaxLineBytes) : limit_(max_line_bytes) {}

  // Calls take(std::string_view line, bool clipped) for each line that ends in `input`, removing it (and what
  // was consumed for lines still open) from input's front. Stops early, with the rest left in input, when
  // take returns false; that line has been taken. The view is valid during the call.
  template <typename Take>
  void Feed(std::string_view& input, Take&& take) {
    while (!input.empty()) {
      const void* const newline = std::memchr(input.data(), '\n', input.size());
      if (newline == nullptr) {
        Hold(input);
        input = {};
        return;
      }
      const auto size = static_cast<size_t>(static_cast<const char*>(newline) - input.data());
      const std::string_view piece = input.substr(0, size);
      input.remove_prefix(size + 1);
      if (held_.empty() && size <= limit_) {
        if (!take(piece, false)) return;
        continue;
      }
      Hold(piece);
      if (!TakeHeld(take)) return;
    }
  }

  // The end of the stream: takes the last line if no newline ended it.
  template <typename Take>
  void End(Take&& take) {
    if (!held_.empty()) TakeHeld(take);
  }

  // Forgets a line that has begun, for a stream that broke inside it. Whether there was one.
  bool DropOpenLine() {
    dropped_bytes_ = 0;
    return !std::exchange(held_, {}).empty();
  }

 private:
  // One byte more than the limit is held: it tells whether the cut would fall inside a character.
  void Hold(std::string_view piece) {
    const size_t room = limit_ + 1 - held_.size();
    const std::string_view kept = piece.substr(0, room);
    held_.append(kept);
    dropped_bytes_ += piece.size() - kept.size();
  }

  template <typename Take>
  bool TakeHeld(Take& take) {
    const bool clipped = held_.size() > limit_;
    if (clipped) {
      const size_t size = record::ClippedSize(held_, limit_);
      const uint64_t lost_bytes = dropped_bytes_ + (held_.size() - size);
      held_.resize(size);
      record::AppendClipMark(lost_bytes, held_);
    }
    const bool more = take(std::string_view(held_), clipped);
    held_.clear();
    dropped_bytes_ = 0;
    return more;
  }

  size_t limit_;
  std::string held_;            // the open line so far, at most limit_ + 1 bytes of it
  uint64_t dropped_bytes_ = 0;  // of the open line, beyond held_
};

}  // namespace taffrail::wire::ndjson
