// Which values of a column are wanted when they are few: an encoding then reads those alone, instead of
// writing out sixty thousand to show five.
//
//   column   a  b  c  d  e  f        index    1  4
//                                    values   b  e
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "store/frame_pieces.h"

namespace taffrail::store {

struct Picks {
  std::span<const uint32_t> index;  // ascending, each below the number of values; one may occur twice
  // Where the chunk's bytes are decompressed when they are needed: whoever reads some says so before. Null:
  // they are all there.
  LazyFrame* frame = nullptr;
  // As in RowContext, but of the wanted values alone; null: not known.
  std::function<std::span<const int64_t>()> times;
  // Where each wanted value stands when those of the column are ordered by shape (int_by_shape.cc).
  std::function<std::span<const uint32_t>()> shape_order;
};

// The next bytes of a chunk, as many as a header of any encoding has, will be read.
inline constexpr size_t kChunkHeadBytes = 48;
inline void Need(LazyFrame* frame, base::ByteReader& reader, size_t bytes = kChunkHeadBytes) {
  if (frame != nullptr) frame->Need(reader.Bytes(0).data(), std::min(bytes, reader.remaining()));
}

// Calls pick(ascending, out) for places in any order, and brings what it wrote into theirs. False when pick
// is.
template <typename Pick>
[[nodiscard]] bool PickUnordered(std::span<const uint32_t> places, std::span<int64_t> values, Pick&& pick) {
  if (std::is_sorted(places.begin(), places.end())) return pick(places, values);
  std::vector<uint32_t> order(places.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return places[a] < places[b]; });
  std::vector<uint32_t> ascending(places.size());
  for (size_t i = 0; i < order.size(); ++i) ascending[i] = places[order[i]];
  std::vector<int64_t> picked(places.size());
  if (!pick(std::span<const uint32_t>(ascending), std::span<int64_t>(picked))) return false;
  for (size_t i = 0; i < order.size(); ++i) values[order[i]] = picked[i];
  return true;
}

}  // namespace taffrail::store
