// offset := zigzag varint minimum | u8 width | width planes of (value - minimum): frame of reference.
#include <algorithm>
#include <vector>

#include "store/int_encoding.h"
#include "store/int_planes.h"

namespace taffrail::store {
namespace {

uint64_t Range(const IntStats& stats) {
  return static_cast<uint64_t>(stats.max) - static_cast<uint64_t>(stats.min);
}

size_t CostBits(std::span<const int64_t> values, const IntStats& stats, const RowContext&) {
  std::vector<uint64_t> sample;
  SampleRun runs[kSampleRuns];
  const size_t count = SampleRunsOf(values.size(), runs);
  for (size_t r = 0; r < count; ++r) {
    for (size_t i = runs[r].begin; i < runs[r].end; ++i) {
      sample.push_back(static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(stats.min));
    }
  }
  return PlaneCostBits(sample, BytesFor(Range(stats)), values.size()) + 64;
}

void Encode(std::span<const int64_t> values, const IntStats& stats, const RowContext&, ChunkOut& out) {
  const unsigned width = BytesFor(Range(stats));
  base::PutVarint(out.bytes, base::ZigZag(stats.min));
  out.bytes.push_back(static_cast<char>(width));
  AppendPlanes(values, static_cast<uint64_t>(stats.min), width, out);
}

bool Decode(base::ByteReader& reader, const RowContext&, std::span<int64_t> values) {
  const int64_t minimum = reader.SignedVarint();
  const auto width = reader.Fixed<uint8_t>();
  return reader.ok() && ReadPlanes(reader, width, minimum, values);
}

bool ReadNumbers(base::ByteReader& reader, const RowContext&, size_t count, uint64_t end,
                 std::vector<uint32_t>& numbers) {
  const int64_t minimum = reader.SignedVarint();
  const auto width = reader.Fixed<uint8_t>();
  return reader.ok() && ReadNumberPlanes(reader, width, static_cast<uint64_t>(minimum), count, end, numbers);
}

bool Pick(base::ByteReader& reader, size_t count, const Picks& picks, std::span<int64_t> values) {
  const int64_t minimum = reader.SignedVarint();
  const auto width = reader.Fixed<uint8_t>();
  if (!reader.ok() || width > sizeof(int64_t)) return false;
  std::fill(values.begin(), values.end(), minimum);
  return PickPlanes(reader, width, count, picks, values);
}

}  // namespace

const IntEncoding kIntOffset = {2, "offset", CostBits, Encode, Decode, Pick, ReadNumbers};

}  // namespace taffrail::store
