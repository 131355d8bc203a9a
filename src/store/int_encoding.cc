#include "store/int_encoding.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace taffrail::store {
namespace {

const IntEncoding* const kTable[] = {&kIntConstant, &kIntOffset, &kIntDelta};

}  // namespace

IntStats StatsOf(std::span<const int64_t> values) {
  IntStats stats;
  if (values.empty()) return stats;
  stats.min = stats.max = values[0];
  for (size_t i = 1; i < values.size(); ++i) {
    stats.min = std::min(stats.min, values[i]);
    stats.max = std::max(stats.max, values[i]);
    const auto delta =
        static_cast<int64_t>(static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(values[i - 1]));
    stats.min_delta = i == 1 ? delta : std::min(stats.min_delta, delta);
    stats.max_delta = i == 1 ? delta : std::max(stats.max_delta, delta);
  }
  return stats;
}

std::span<const IntEncoding> IntEncodings() {
  static const std::vector<IntEncoding> all = [] {
    std::vector<IntEncoding> table;
    for (const IntEncoding* encoding : kTable) table.push_back(*encoding);
    return table;
  }();
  return all;
}

void EncodeInts(std::span<const int64_t> values, std::string& out) {
  const IntStats stats = StatsOf(values);
  const IntEncoding* best = nullptr;
  size_t best_cost = SIZE_MAX;
  for (const IntEncoding* encoding : kTable) {
    const size_t cost = encoding->cost_bits(values, stats);
    if (cost < best_cost) {
      best = encoding;
      best_cost = cost;
    }
  }
  assert(best != nullptr);  // kIntOffset holds anything
  out.push_back(static_cast<char>(best->id));
  best->encode(values, stats, out);
}

bool DecodeInts(base::ByteReader& reader, std::span<int64_t> values) {
  const auto id = reader.Fixed<uint8_t>();
  if (!reader.ok()) return false;
  for (const IntEncoding* encoding : kTable) {
    if (encoding->id == id) return encoding->decode(reader, values);
  }
  return false;
}

unsigned BytesFor(uint64_t range) { return (static_cast<unsigned>(std::bit_width(range)) + 7) / 8; }

void AppendPlanes(std::span<const uint64_t> values, unsigned width, std::string& out) {
  const size_t start = out.size();
  out.resize(start + values.size() * width);
  for (unsigned plane = 0; plane < width; ++plane) {
    char* to = out.data() + start + plane * values.size();
    for (size_t i = 0; i < values.size(); ++i) to[i] = static_cast<char>(values[i] >> (8 * plane));
  }
}

bool ReadPlanes(base::ByteReader& reader, unsigned width, std::span<int64_t> values) {
  for (unsigned plane = 0; plane < width; ++plane) {
    const std::string_view bytes = reader.Bytes(values.size());
    if (!reader.ok()) return false;
    for (size_t i = 0; i < values.size(); ++i) {
      const uint64_t part = uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * plane);
      values[i] = static_cast<int64_t>(static_cast<uint64_t>(values[i]) + part);
    }
  }
  return true;
}

}  // namespace taffrail::store
