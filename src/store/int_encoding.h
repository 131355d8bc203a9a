// Ways to store a column of integers, and the table that lists them.
//
//   chunk := u8 id | what the encoding wrote docs/format/part.md
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

struct IntEncoding {
  uint8_t id;  // on disk: never reuse one
  const char* name;
  // Bits it needs, about; SIZE_MAX when it cannot hold these values.
  size_t (*cost_bits)(std::span<const int64_t> values, const IntStats& stats);
  void (*encode)(std::span<const int64_t> values, const IntStats& stats, std::string& out);
  // Fills all of `values`; false when the bytes make no sense.
  bool (*decode)(base::ByteReader& reader, std::span<int64_t> values);
};

std::span<const IntEncoding> IntEncodings();

// Writes the chunk in the cheapest encoding.
void EncodeInts(std::span<const int64_t> values, std::string& out);
// Reads it; false when the bytes make no sense.
[[nodiscard]] bool DecodeInts(base::ByteReader& reader, std::span<int64_t> values);

// The encodings, each in its own file.
extern const IntEncoding kIntConstant;
extern const IntEncoding kIntOffset;
extern const IntEncoding kIntDelta;

// Bytes of an unsigned value, one plane after the other: all lowest bytes first. Like bytes next to like
// bytes is what zstd's entropy coder wants, and a byte plane decodes at memory speed. Used by kIntOffset and
// kIntDelta.
unsigned BytesFor(uint64_t range);
void AppendPlanes(std::span<const uint64_t> values, unsigned width, std::string& out);
// Adds the planes to `values`, which the caller has set to zero. False when the bytes run out.
bool ReadPlanes(base::ByteReader& reader, unsigned width, std::span<int64_t> values);

}  // namespace taffrail::store
