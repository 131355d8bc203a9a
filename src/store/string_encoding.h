// Ways to store a column of strings, and the table that lists them.
//
//   chunk := u8 id | what the encoding wrote                                             docs/format/part.md
//
// As with integers, an encoding arranges bytes and the frame's zstd compresses them. Adding one: a file
// string_<name>.cc, a line in the table of string_encoding.cc, a paragraph in docs/format/part.md.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "record/batch.h"
#include "store/chunk_out.h"
#include "store/picks.h"
#include "store/row_context.h"
#include "store/string_dictionary.h"

namespace taffrail::store {

struct StringEncoding;

// What lies around a chunk of strings.
struct StringContext {
  RowContext rows;
  bool in_dictionary = false;  // the values are the entries of one: no dictionary again
  bool in_template = false;    // the values are parts of a template: no template again
  // When not null, what the entries of a dictionary are to be written in, null to find out; then what they
  // were.
  const StringEncoding** entries = nullptr;
};

struct StringEncoding {
  uint8_t id;  // on disk: never reuse one
  const char* name;
  // Writes the values; false when they do not suit it (`out` is then garbage from where it was). Null: such
  // chunks are only read. `dictionary` is null when there is none.
  bool (*encode)(const record::StringData& values, const Dictionary* dictionary, const StringContext& context,
                 ChunkOut& out);
  // Appends `count` values to an empty `values`; false when the bytes make no sense.
  bool (*decode)(base::ByteReader& reader, size_t count, const StringContext& context,
                 record::StringData& values);
  // Reads a chunk of `count` values to its end and appends the picked ones. Null: by decoding all.
  bool (*pick)(base::ByteReader& reader, size_t count, const StringContext& context, const Picks& picks,
               record::StringData& values);
};

std::span<const StringEncoding* const> StringEncodings();
// By id; null when there is none.
const StringEncoding* FindStringEncoding(uint8_t id);

// Writes the chunk, with kSmall in the encoding that comes out smallest; returns which
// it was. REQUIRES: `dictionary` is null or was built from `values`.
const StringEncoding* EncodeStrings(const record::StringData& values, const Dictionary* dictionary,
                                    const StringContext& context, Effort effort, ChunkOut& out);
// Writes the chunk in this encoding; false, and nothing written, when the values do not suit it.
[[nodiscard]] bool EncodeStringsAs(const StringEncoding& encoding, const record::StringData& values,
                                   const Dictionary* dictionary, const StringContext& context, ChunkOut& out);
// Writes the chunk of a coded column as it is, as kStringDictionary; false, and nothing written, when it has
// fewer values than texts. REQUIRES: column.coded().
[[nodiscard]] bool EncodeCoded(const record::Column& column, ChunkOut& out);
// Reads it; false when the bytes make no sense. REQUIRES: `values` is empty.
[[nodiscard]] bool DecodeStrings(base::ByteReader& reader, size_t count, const StringContext& context,
                                 record::StringData& values);
// Appends the picked ones of its `count` values.
[[nodiscard]] bool PickStrings(base::ByteReader& reader, size_t count, const StringContext& context,
                               const Picks& picks, record::StringData& values);

// Reads a chunk without writing out every value: the distinct ones, and for every value its number among
// them. False, with `reader` where it was, when the chunk is in an encoding that has no dictionary, or makes
// no sense (which DecodeStrings then says as well).
[[nodiscard]] bool DecodeDictionary(base::ByteReader& reader, size_t count, const StringContext& context,
                                    record::StringData& entries, std::vector<uint32_t>& codes);

extern const StringEncoding kStringConstant;
extern const StringEncoding kStringDictionary1;
extern const StringEncoding kStringPlain;
extern const StringEncoding kStringDictionary;
extern const StringEncoding kStringTemplate;
extern const StringEncoding kStringTimestamp;
extern const StringEncoding kStringRecent;

// A column decodes to no more bytes than this: see kMaxFrameBytes. Without it a few bytes of dictionary could
// ask for gigabytes.
inline constexpr size_t kMaxColumnBytes = size_t{160} << 20;

}  // namespace taffrail::store
