// constant := zigzag varint: every value is this one.
#include <algorithm>

#include "store/int_encoding.h"

namespace taffrail::store {
namespace {

size_t CostBits(std::span<const int64_t>, const IntStats& stats, const RowContext&) {
  return stats.min == stats.max ? 0 : kNoCost;
}

void Encode(std::span<const int64_t>, const IntStats& stats, const RowContext&, ChunkOut& out) {
  base::PutVarint(out.bytes, base::ZigZag(stats.min));
}

bool Decode(base::ByteReader& reader, const RowContext&, std::span<int64_t> values) {
  std::fill(values.begin(), values.end(), reader.SignedVarint());
  return reader.ok();
}

bool Pick(base::ByteReader& reader, size_t, const Picks&, std::span<int64_t> values) {
  return Decode(reader, {}, values);
}

}  // namespace

const IntEncoding kIntConstant = {1, "constant", CostBits, Encode, Decode, Pick, nullptr};

}  // namespace taffrail::store
