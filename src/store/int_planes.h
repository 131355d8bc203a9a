// Planes: the bytes of unsigned values, all lowest bytes first. Like bytes next to like bytes is what zstd's
// entropy coder wants, and a byte plane decodes at memory speed.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "store/chunk_out.h"
#include "store/picks.h"

namespace taffrail::store {

// Bytes that hold any value up to `range`.
unsigned BytesFor(uint64_t range);
void AppendPlanes(std::span<const uint64_t> values, unsigned width, ChunkOut& out);
void AppendPlanes(std::span<const uint32_t> values, unsigned width, ChunkOut& out);
// The planes of value - minimum, modulo 2^64.
void AppendPlanes(std::span<const int64_t> values, uint64_t minimum, unsigned width, ChunkOut& out);
// False when the bytes run out, or the width makes no sense.
[[nodiscard]] bool ReadPlanes(base::ByteReader& reader, unsigned width, int64_t minimum,
                              std::span<int64_t> values);
// The same for `count` numbers below `end`; false when one is not.
[[nodiscard]] bool ReadNumberPlanes(base::ByteReader& reader, unsigned width, uint64_t minimum, size_t count,
                                    uint64_t end, std::vector<uint32_t>& numbers);
// Adds the planes of the values at `index`, of `count`.
bool PickPlanes(base::ByteReader& reader, unsigned width, size_t count, const Picks& picks,
                std::span<int64_t> values);
// Adds to values[i] the sum of the first picks.index[i] of `count` values; these are at most count.
bool SumPlanes(base::ByteReader& reader, unsigned width, size_t count, const Picks& picks,
               std::span<int64_t> values);
uint64_t SumBytes(std::string_view bytes);
size_t CountZeros(std::string_view bytes);

// Some of the values for estimates: a few runs of neighbours.
struct SampleRun {
  size_t begin;
  size_t end;
};
inline constexpr size_t kSampleRuns = 4;
inline constexpr size_t kSampleRunValues = 192;
// At most kSampleRuns runs of kSampleRunValues within [0, count); returns how many.
size_t SampleRunsOf(size_t count, SampleRun (&runs)[kSampleRuns]);

// Bits that an order-0 coder needs for planes of `values`, scaled up to `count` values.
size_t PlaneCostBits(std::span<const uint64_t> sample, unsigned width, size_t count);

// The same for differences of neighbours, which must be clearly better than the values: they take longer to
// decode, and of random values they only look as good.
inline size_t DifferenceCostBits(std::span<const uint64_t> sample, unsigned width, size_t count) {
  const size_t bits = PlaneCostBits(sample, width, count);
  return bits + bits / 32;
}

}  // namespace taffrail::store
