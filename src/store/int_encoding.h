// Ways to store a column of integers, and the table that lists them.
//
//   chunk := u8 id | what the encoding wrote                                             docs/format/part.md
//
// An encoding only arranges bytes so that the frame's zstd finds little left to say; it does not compress.
// Adding one: a file int_<name>.cc, a line in the table of int_encoding.cc, a paragraph in
// docs/format/part.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "store/chunk_out.h"
#include "store/picks.h"
#include "store/row_context.h"

namespace taffrail::store {

// What the encodings need to know of the values, gathered in one pass.
struct IntStats {
  int64_t min = 0;
  int64_t max = 0;
  // Of value[i] - value[i - 1], computed modulo 2^64 and read as signed.
  int64_t min_delta = 0;
  int64_t max_delta = 0;
};
IntStats StatsOf(std::span<const int64_t> values);

// No encoding of these values.
inline constexpr size_t kNoCost = SIZE_MAX;

struct IntEncoding {
  uint8_t id;  // on disk: never reuse one
  const char* name;
  // Bits it needs after compression, about; kNoCost when it cannot hold these values or would not pay.
  size_t (*cost_bits)(std::span<const int64_t> values, const IntStats& stats, const RowContext& rows);
  void (*encode)(std::span<const int64_t> values, const IntStats& stats, const RowContext& rows,
                 ChunkOut& out);
  // Fills all of `values`; false when the bytes make no sense.
  bool (*decode)(base::ByteReader& reader, const RowContext& rows, std::span<int64_t> values);
  // Reads a chunk of `count` values to its end and fills `values` with the picked ones.
  bool (*pick)(base::ByteReader& reader, size_t count, const Picks& picks, std::span<int64_t> values);
  // As decode, for numbers below `end`; null: by decode.
  bool (*decode_numbers)(base::ByteReader& reader, const RowContext& rows, size_t count, uint64_t end,
                         std::vector<uint32_t>& numbers);
};

std::span<const IntEncoding* const> IntEncodings();
// By id; null when there is none.
const IntEncoding* FindIntEncoding(uint8_t id);

// Writes the chunk in the cheapest encoding; with kFast in the cheapest of the first three. A reader must
// have the same `rows`.
void EncodeInts(std::span<const int64_t> values, const RowContext& rows, Effort effort, ChunkOut& out);
// Reads it; false when the bytes make no sense.
[[nodiscard]] bool DecodeInts(base::ByteReader& reader, const RowContext& rows, std::span<int64_t> values);
// The same for numbers below `end`, as most integers of a block are: of shapes, streams, entries of
// dictionaries.
[[nodiscard]] bool DecodeNumbers(base::ByteReader& reader, const RowContext& rows, size_t count, uint64_t end,
                                 std::vector<uint32_t>& numbers);
// The picked ones of its `count` values. REQUIRES: as many `values` as picks.
[[nodiscard]] bool PickInts(base::ByteReader& reader, size_t count, const Picks& picks,
                            std::span<int64_t> values);
// What EncodeInts with kSmall would need, about.
size_t IntCostBits(std::span<const int64_t> values, const RowContext& rows);

// The same for the parts of another encoding of integers: only encodings that have no such parts themselves.
void EncodeSimpleInts(std::span<const int64_t> values, ChunkOut& out);
[[nodiscard]] bool DecodeSimpleInts(base::ByteReader& reader, std::span<int64_t> values);
[[nodiscard]] bool DecodeSimpleNumbers(base::ByteReader& reader, size_t count, uint64_t end,
                                       std::vector<uint32_t>& numbers);
[[nodiscard]] bool PickSimpleInts(base::ByteReader& reader, size_t count, std::span<const uint32_t> index,
                                  LazyFrame* frame, std::span<int64_t> values);
// Reads the chunk that comes next if it is a constant; otherwise false, and the reader is where it was.
[[nodiscard]] bool ReadConstant(base::ByteReader& reader, LazyFrame* frame, int64_t& value);
// Makes sure of all bytes of the chunk that comes next, and leaves the reader where it is.
[[nodiscard]] bool NeedInts(LazyFrame* frame, const base::ByteReader& reader, size_t count);

// From so many values on, delta comes in groups.
inline constexpr size_t kMinGroupedDelta = 8192;
size_t DeltaCostBits(std::span<const int64_t> values, const IntStats& stats, const RowContext& rows);

// The encodings, each in its own file.
extern const IntEncoding kIntConstant;
extern const IntEncoding kIntOffset;
extern const IntEncoding kIntDelta;
extern const IntEncoding kIntDelta2;
extern const IntEncoding kIntDeltaGroups;
extern const IntEncoding kIntDictionary;
extern const IntEncoding kIntRecent;
extern const IntEncoding kIntByShape;

}  // namespace taffrail::store
