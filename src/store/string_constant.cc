// constant := string: every value is this one.
#include "store/string_encoding.h"

namespace taffrail::store {
namespace {

bool Suits(const record::StringData&, const Dictionary* dictionary) {
  return dictionary != nullptr && dictionary->entries.size() == 1;
}

void Encode(const record::StringData& values, const Dictionary*, std::string& out) {
  base::PutString(out, values[0]);
}

bool Decode(base::ByteReader& reader, size_t count, record::StringData& values) {
  const std::string_view value = reader.String();
  if (!reader.ok() || value.size() * count > kMaxColumnBytes) return false;
  values.Reserve(count, value.size() * count);
  for (size_t i = 0; i < count; ++i) values.Append(value);
  return true;
}

bool DecodeCoded(base::ByteReader& reader, size_t count, record::StringData& texts,
                 std::vector<uint32_t>& codes) {
  const std::string_view value = reader.String();
  if (!reader.ok() || value.size() * count > kMaxColumnBytes) return false;
  texts.Append(value);
  codes.assign(count, 0);
  return true;
}

}  // namespace

const StringEncoding kStringConstant = {1, "constant", Suits, Encode, Decode, DecodeCoded};

}  // namespace taffrail::store
