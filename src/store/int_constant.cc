// constant := zigzag varint: every value is this one.
#include <algorithm>

#include "store/int_encoding.h"

namespace taffrail::store {
namespace {

size_t CostBits(std::span<const int64_t>, const IntStats& stats) {
  return stats.min == stats.max ? 0 : SIZE_MAX;
}

void Encode(std::span<const int64_t>, const IntStats& stats, std::string& out) {
  base::PutVarint(out, base::ZigZag(stats.min));
}

bool Decode(base::ByteReader& reader, std::span<int64_t> values) {
  std::fill(values.begin(), values.end(), reader.SignedVarint());
  return reader.ok();
}

}  // namespace

const IntEncoding kIntConstant = {1, "constant", CostBits, Encode, Decode};

}  // namespace taffrail::store
