// dictionary := varint entries | strings: the distinct values | chunk of integers: for each value its entry.
#include "store/int_encoding.h"
#include "store/string_encoding.h"

namespace taffrail::store {
namespace {

bool Suits(const record::StringData&, const Dictionary* dictionary) { return dictionary != nullptr; }

void Encode(const record::StringData& values, const Dictionary* dictionary, std::string& out) {
  base::PutVarint(out, dictionary->entries.size());
  for (const uint32_t entry : dictionary->entries) base::PutString(out, values[entry]);
  const std::vector<int64_t> codes(dictionary->codes.begin(), dictionary->codes.end());
  EncodeInts(codes, out);
}

bool Decode(base::ByteReader& reader, size_t count, record::StringData& values) {
  const uint64_t entry_count = reader.Varint();
  if (entry_count > reader.remaining()) return false;
  std::vector<std::string_view> entries(entry_count);
  for (std::string_view& entry : entries) entry = reader.String();
  std::vector<int64_t> codes(count);
  if (!reader.ok() || !DecodeInts(reader, codes)) return false;
  size_t total = 0;
  for (const int64_t code : codes) {
    if (static_cast<uint64_t>(code) >= entry_count) return false;
    total += entries[static_cast<size_t>(code)].size();
    if (total > kMaxColumnBytes) return false;
  }
  values.Reserve(count, total);
  for (const int64_t code : codes) values.Append(entries[static_cast<size_t>(code)]);
  return true;
}

bool DecodeCoded(base::ByteReader& reader, size_t count, record::StringData& texts,
                 std::vector<uint32_t>& codes) {
  const uint64_t entry_count = reader.Varint();
  if (entry_count > reader.remaining()) return false;
  for (uint64_t i = 0; i < entry_count; ++i) texts.Append(reader.String());
  std::vector<int64_t> wide(count);
  if (!reader.ok() || !DecodeInts(reader, wide)) return false;
  codes.resize(count);
  size_t total = 0;
  for (size_t i = 0; i < count; ++i) {
    if (static_cast<uint64_t>(wide[i]) >= entry_count) return false;
    codes[i] = static_cast<uint32_t>(wide[i]);
    total += texts[codes[i]].size();  // what it says in full keeps within the limit too
  }
  return total <= kMaxColumnBytes;
}

}  // namespace

const StringEncoding kStringDictionary = {2, "dictionary", Suits, Encode, Decode, DecodeCoded};

}  // namespace taffrail::store
