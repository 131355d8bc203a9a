// plain := chunk of integers: lengths | the bytes of all values.
#include "store/int_encoding.h"
#include "store/string_encoding.h"

namespace taffrail::store {
namespace {

bool Encode(const record::StringData& values, const Dictionary*, const StringContext&, ChunkOut& out) {
  std::vector<int64_t> lengths(values.size());
  const std::vector<uint32_t>& ends = values.raw_ends();
  uint32_t begin = 0;
  for (size_t i = 0; i < ends.size(); ++i) {
    lengths[i] = ends[i] - begin;
    begin = ends[i];
  }
  EncodeInts(lengths, {}, Effort::kFast, out);
  out.Cut();
  out.bytes.append(values.raw_bytes());
  out.Cut();
  return true;
}

bool Decode(base::ByteReader& reader, size_t count, const StringContext&, record::StringData& values) {
  std::vector<int64_t> lengths(count);
  if (!DecodeInts(reader, {}, lengths)) return false;
  std::vector<uint32_t>& ends = values.mutable_ends();
  ends.resize(count);
  uint64_t total = 0;
  for (size_t i = 0; i < count; ++i) {
    const auto length = static_cast<uint64_t>(lengths[i]);  // a negative one is far too large
    if (length > reader.remaining() || (total += length) > reader.remaining()) return false;
    ends[i] = static_cast<uint32_t>(total);
  }
  values.mutable_bytes().assign(reader.Bytes(total));
  return reader.ok();
}

}  // namespace

const StringEncoding kStringPlain = {3, "plain", Encode, Decode};

}  // namespace taffrail::store
