// Where an encoding writes: the bytes of chunks, and the places where their statistics change.
//
// A frame's compressor keeps one table of symbol frequencies for a stretch of bytes. A plane of random bytes
// beside a plane of zeros would make it a bad table for both, so the encodings say where one kind of bytes
// ends and another begins (frame.h makes use of it). A reader needs to know nothing of this.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace taffrail::store {

struct ChunkOut {
  std::string bytes;
  std::vector<uint32_t> cuts;  // ascending offsets in bytes
  size_t text_bytes = 0;       // of them text as it came: worth a longer search for matches

  void Cut() {
    const auto here = static_cast<uint32_t>(bytes.size());
    if (cuts.empty() || cuts.back() != here) cuts.push_back(here);
  }
  // Forgets what was written from `size` on.
  void Truncate(size_t size) {
    bytes.resize(size);
    while (!cuts.empty() && cuts.back() > size) cuts.pop_back();
  }
};

// How much an encoder may spend. kFast is for the write-ahead log, which is written once and soon thrown
// away; kSmall for parts.
enum class Effort : uint8_t { kFast, kSmall };

}  // namespace taffrail::store
