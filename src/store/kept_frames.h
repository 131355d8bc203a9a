// Frames of a block of which a pick has read some pieces, kept for the next one: what it decompressed is
// there, and what more it wants needs no file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "store/frame_pieces.h"

namespace taffrail::store {

class KeptFrames {
 public:
  // Null: the frame is not here. Stays valid until Clear.
  LazyFrame* Find(uint32_t number) {
    const auto found = frames_.find(number);
    return found == frames_.end() ? nullptr : &found->second.frame;
  }

  // `stored` are the bytes that the frame refers to, `stored_bytes` of them its own; null where they live by
  // themselves.
  void Keep(uint32_t number, LazyFrame frame, std::shared_ptr<const char[]> stored, size_t stored_bytes) {
    const size_t bytes = frame.raw().size() + (stored == nullptr ? 0 : stored_bytes) + sizeof(Kept);
    const bool is_new =
        frames_.try_emplace(number, Kept{.frame = std::move(frame), .stored = std::move(stored)}).second;
    if (is_new) bytes_ += bytes;
  }

  void Clear() {
    frames_.clear();
    bytes_ = 0;
  }
  size_t MemoryBytes() const { return bytes_; }

 private:
  struct Kept {
    LazyFrame frame;
    std::shared_ptr<const char[]> stored;
  };
  std::map<uint32_t, Kept> frames_;  // by number: a reading that begins within another must not move any
  size_t bytes_ = 0;
};

}  // namespace taffrail::store
