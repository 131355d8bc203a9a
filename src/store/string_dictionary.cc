// dictionary := varint entries | chunk of strings: the distinct values | chunk of integers: for every value
// its entry.
//
// Version 1 of the format wrote the entries end to end (each: string), under another id; that is only read.
#include "store/string_dictionary.h"

#include <algorithm>
#include <utility>

#include "store/int_encoding.h"
#include "store/int_planes.h"
#include "store/string_encoding.h"

namespace taffrail::store {
namespace {

void EncodeEntries(const record::StringData& texts, const StringContext& context, ChunkOut& out) {
  const StringContext around{.rows = {}, .in_dictionary = true, .in_template = context.in_template};
  const bool known = context.entries != nullptr && *context.entries != nullptr;
  if (known && EncodeStringsAs(**context.entries, texts, nullptr, around, out)) return;
  const StringEncoding* const best = EncodeStrings(texts, nullptr, around, Effort::kSmall, out);
  if (context.entries != nullptr) *context.entries = best;
}

// From the dictionary alone.
bool Encode(const record::StringData&, const Dictionary* dictionary, const StringContext& context,
            ChunkOut& out) {
  if (dictionary == nullptr || context.in_dictionary) return false;
  base::PutVarint(out.bytes, dictionary->texts.size());
  EncodeEntries(dictionary->texts, context, out);
  const std::vector<int64_t> codes(dictionary->codes.begin(), dictionary->codes.end());
  EncodeInts(codes, context.rows, Effort::kSmall, out);
  return true;
}

bool Read(base::ByteReader& reader, size_t count, const StringContext& context, record::StringData& entries,
          std::vector<uint32_t>& codes) {
  const uint64_t entry_count = reader.Varint();
  if (!reader.ok() || entry_count > count || context.in_dictionary) return false;
  return DecodeStrings(reader, entry_count, {.in_dictionary = true, .in_template = context.in_template},
                       entries) &&
         DecodeNumbers(reader, context.rows, count, entries.size(), codes);
}

bool Read1(base::ByteReader& reader, size_t count, record::StringData& entries,
           std::vector<uint32_t>& codes) {
  const uint64_t entry_count = reader.Varint();
  if (entry_count > reader.remaining()) return false;
  for (uint64_t i = 0; i < entry_count && reader.ok(); ++i) entries.Append(reader.String());
  return reader.ok() && DecodeNumbers(reader, {}, count, entries.size(), codes);
}

bool Expand(const record::StringData& entries, const std::vector<uint32_t>& codes,
            record::StringData& values) {
  size_t total = 0;
  for (const uint32_t code : codes) {
    total += entries[code].size();
    if (total > kMaxColumnBytes) return false;
  }
  values.Reserve(codes.size(), total);
  for (const uint32_t code : codes) values.Append(entries[code]);
  return true;
}

bool Decode(base::ByteReader& reader, size_t count, const StringContext& context,
            record::StringData& values) {
  record::StringData entries;
  std::vector<uint32_t> codes;
  return Read(reader, count, context, entries, codes) && Expand(entries, codes, values);
}

bool Decode1(base::ByteReader& reader, size_t count, const StringContext&, record::StringData& values) {
  record::StringData entries;
  std::vector<uint32_t> codes;
  return Read1(reader, count, entries, codes) && Expand(entries, codes, values);
}

// The codes stand after the entries: which of these are wanted is known only then.
bool Pick(base::ByteReader& reader, size_t count, const StringContext& context, const Picks& picks,
          record::StringData& values) {
  const uint64_t entry_count = reader.Varint();
  if (!reader.ok() || entry_count > count || context.in_dictionary) return false;
  const StringContext around{.rows = {}, .in_dictionary = true, .in_template = context.in_template};
  base::ByteReader entries = reader;
  record::StringData none;
  std::vector<int64_t> codes(picks.index.size());
  const Picks nothing{.index = {}, .frame = picks.frame, .times = {}, .shape_order = {}};
  if (!PickStrings(reader, entry_count, around, nothing, none) || !PickInts(reader, count, picks, codes))
    return false;
  std::vector<uint32_t> wanted;
  for (const int64_t code : codes) {
    if (static_cast<uint64_t>(code) >= entry_count) return false;
    wanted.push_back(static_cast<uint32_t>(code));
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  record::StringData texts;
  const Picks of_entries{.index = wanted, .frame = picks.frame, .times = {}, .shape_order = {}};
  if (!PickStrings(entries, entry_count, around, of_entries, texts)) return false;
  for (const int64_t code : codes) {
    const auto found = std::lower_bound(wanted.begin(), wanted.end(), static_cast<uint32_t>(code));
    values.Append(texts[static_cast<size_t>(found - wanted.begin())]);
    if (values.bytes() > kMaxColumnBytes) return false;
  }
  return true;
}

}  // namespace

bool EncodeCoded(const record::Column& column, ChunkOut& out) {
  const record::StringData& texts = column.strings;
  if (texts.size() > column.codes.size()) return false;
  out.Cut();
  out.bytes.push_back(static_cast<char>(kStringDictionary.id));
  base::PutVarint(out.bytes, texts.size());
  // Hardly a text is there twice: nothing else would be smaller.
  out.Cut();
  out.bytes.push_back(static_cast<char>(kStringPlain.id));
  kStringPlain.encode(texts, nullptr, {}, out);
  const unsigned width = BytesFor(texts.size() - 1);
  out.bytes.push_back(static_cast<char>(kIntOffset.id));
  base::PutVarint(out.bytes, base::ZigZag(0));
  out.bytes.push_back(static_cast<char>(width));
  AppendPlanes(std::span<const uint32_t>(column.codes), width, out);
  return true;
}

bool DecodeDictionary(base::ByteReader& reader, size_t count, const StringContext& context,
                      record::StringData& entries, std::vector<uint32_t>& codes) {
  base::ByteReader ahead = reader;
  const auto id = ahead.Fixed<uint8_t>();
  bool read = false;
  if (id == kStringDictionary.id) {
    read = Read(ahead, count, context, entries, codes);
  } else if (id == kStringDictionary1.id) {
    read = Read1(ahead, count, entries, codes);
  } else if (id == kStringConstant.id && count > 0) {
    read = kStringConstant.decode(ahead, 1, {}, entries);
    codes.assign(count, 0);
  }
  if (read) reader = ahead;
  return read;
}

const StringEncoding kStringDictionary1 = {2, "dictionary of version 1", nullptr, Decode1, nullptr};
const StringEncoding kStringDictionary = {4, "dictionary", Encode, Decode, Pick};

}  // namespace taffrail::store
