// constant := string: every value is this one.
#include "store/string_encoding.h"

namespace taffrail::store {
namespace {

// From the dictionary alone.
bool Encode(const record::StringData&, const Dictionary* dictionary, const StringContext&, ChunkOut& out) {
  if (dictionary == nullptr || dictionary->texts.size() != 1) return false;
  base::PutString(out.bytes, dictionary->texts[0]);
  return true;
}

bool Decode(base::ByteReader& reader, size_t count, const StringContext&, record::StringData& values) {
  const std::string_view value = reader.String();
  if (!reader.ok() || value.size() * count > kMaxColumnBytes) return false;
  values.Reserve(count, value.size() * count);
  for (size_t i = 0; i < count; ++i) values.Append(value);
  return true;
}

bool Pick(base::ByteReader& reader, size_t, const StringContext& context, const Picks& picks,
          record::StringData& values) {
  base::ByteReader ahead = reader;
  const uint64_t size = ahead.Varint();
  Need(picks.frame, ahead, size);
  return Decode(reader, picks.index.size(), context, values);
}

}  // namespace

const StringEncoding kStringConstant = {1, "constant", Encode, Decode, Pick};

}  // namespace taffrail::store
