// Ways to store a column of strings, and the table that lists them.
//
//   chunk := u8 id | what the encoding wrote docs/format/part.md
//
// As with integers, an encoding arranges bytes and the frame's zstd compresses them. Adding one: a file
// string_<name>.cc, a line in the table of string_encoding.cc, a paragraph in docs/format/part.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "record/batch.h"

namespace taffrail::store {

// The distinct values of a column, in order of first appearance, when they are few.
struct Dictionary {
  std::vector<uint32_t> entries;  // each the index of a value that is the first with its text
  std::vector<uint16_t> codes;    // by value: index into entries

  // False, early, when the values repeat too little for a dictionary to pay.
  static bool Build(const record::StringData& values, Dictionary& dictionary);
};

struct StringEncoding {
  uint8_t id;  // on disk: never reuse one
  const char* name;
  // Whether to use it for these values; `dictionary` is null when they have none. The first that says yes is
  // taken.
  bool (*suits)(const record::StringData& values, const Dictionary* dictionary);
  void (*encode)(const record::StringData& values, const Dictionary* dictionary, std::string& out);
  // Appends `count` values to an empty `values`; false when the bytes make no sense.
  bool (*decode)(base::ByteReader& reader, size_t count, record::StringData& values);
  // The same as distinct texts and, for each value, which it is; null where an encoding has no such thing.
  bool (*decode_coded)(base::ByteReader& reader, size_t count, record::StringData& texts,
                       std::vector<uint32_t>& codes) = nullptr;
};

std::span<const StringEncoding> StringEncodings();

// Writes the chunk. REQUIRES: `dictionary` is null or was built from `values`.
void EncodeStrings(const record::StringData& values, const Dictionary* dictionary, std::string& out);
// Reads it; false when the bytes make no sense. REQUIRES: `values` is empty.
[[nodiscard]] bool DecodeStrings(base::ByteReader& reader, size_t count, record::StringData& values);

// Reads a chunk without writing out every value: the distinct ones, and for every value its number among
// them. False, with `reader` where it was, when the chunk is in an encoding that has no dictionary, or makes
// no sense (which DecodeStrings then says as well).
[[nodiscard]] bool DecodeDictionary(base::ByteReader& reader, size_t count, record::StringData& entries,
                                    std::vector<uint32_t>& codes);

extern const StringEncoding kStringConstant;
extern const StringEncoding kStringDictionary;
extern const StringEncoding kStringPlain;

// A column decodes to no more bytes than this: see kMaxFrameBytes. Without it a few bytes of dictionary could
// ask for gigabytes.
inline constexpr size_t kMaxColumnBytes = size_t{160} << 20;

}  // namespace taffrail::store
