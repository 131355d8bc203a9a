// delta := zigzag varint first value | zigzag varint minimum delta | u8 width | width planes of (delta -
// minimum), count - 1 values each. All differences are modulo 2^64. For timestamps, sequences and counters.
#include <algorithm>
#include <vector>

#include "store/int_encoding.h"
#include "store/int_planes.h"

namespace taffrail::store {
namespace {

uint64_t Range(const IntStats& stats) {
  return static_cast<uint64_t>(stats.max_delta) - static_cast<uint64_t>(stats.min_delta);
}

size_t CostBits(std::span<const int64_t> values, const IntStats& stats, const RowContext& rows) {
  return values.size() < kMinGroupedDelta ? DeltaCostBits(values, stats, rows) : kNoCost;
}

void Encode(std::span<const int64_t> values, const IntStats& stats, const RowContext&, ChunkOut& out) {
  const unsigned width = BytesFor(Range(stats));
  base::PutVarint(out.bytes, base::ZigZag(values[0]));
  base::PutVarint(out.bytes, base::ZigZag(stats.min_delta));
  out.bytes.push_back(static_cast<char>(width));
  std::vector<uint64_t> offsets(values.size() - 1);
  for (size_t i = 1; i < values.size(); ++i) {
    const uint64_t delta = static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(values[i - 1]);
    offsets[i - 1] = delta - static_cast<uint64_t>(stats.min_delta);
  }
  AppendPlanes(offsets, width, out);
}

bool Decode(base::ByteReader& reader, const RowContext&, std::span<int64_t> values) {
  const int64_t first = reader.SignedVarint();
  const auto minimum = static_cast<uint64_t>(reader.SignedVarint());
  const auto width = reader.Fixed<uint8_t>();
  if (!reader.ok() || width > sizeof(int64_t) || values.empty()) return false;
  if (!ReadPlanes(reader, width, static_cast<int64_t>(minimum), values.subspan(1))) return false;
  values[0] = first;
  auto value = static_cast<uint64_t>(first);
  for (int64_t& v : values.subspan(1)) v = static_cast<int64_t>(value += static_cast<uint64_t>(v));
  return true;
}

bool Pick(base::ByteReader& reader, size_t count, const Picks& picks, std::span<int64_t> values) {
  const auto first = static_cast<uint64_t>(reader.SignedVarint());
  const auto minimum = static_cast<uint64_t>(reader.SignedVarint());
  const auto width = reader.Fixed<uint8_t>();
  if (!reader.ok() || width > sizeof(int64_t) || count == 0) return false;
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<int64_t>(first + picks.index[i] * minimum);
  }
  return SumPlanes(reader, width, count - 1, picks, values);
}

}  // namespace

size_t DeltaCostBits(std::span<const int64_t> values, const IntStats& stats, const RowContext&) {
  if (values.size() < 2) return kNoCost;
  std::vector<uint64_t> sample;
  SampleRun runs[kSampleRuns];
  const size_t count = SampleRunsOf(values.size(), runs);
  for (size_t r = 0; r < count; ++r) {
    for (size_t i = runs[r].begin + 1; i < runs[r].end; ++i) {
      sample.push_back(static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(values[i - 1]) -
                       static_cast<uint64_t>(stats.min_delta));
    }
  }
  return DifferenceCostBits(sample, BytesFor(Range(stats)), values.size()) + 128;
}

const IntEncoding kIntDelta = {3, "delta", CostBits, Encode, Decode, Pick, nullptr};

}  // namespace taffrail::store
