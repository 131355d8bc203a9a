// delta2 := zigzag varint first value | zigzag varint first delta | zigzag varint minimum | u8 width | width
// planes of (difference of neighbouring deltas - minimum), count - 2 values each. All differences are modulo
// 2^64. For what ticks nearly evenly: sampled counters, timestamps of a timer.
#include <algorithm>
#include <vector>

#include "store/int_encoding.h"
#include "store/int_planes.h"

namespace taffrail::store {
namespace {

uint64_t U(int64_t value) { return static_cast<uint64_t>(value); }

uint64_t SecondDelta(std::span<const int64_t> values, size_t i) {
  return U(values[i]) - 2 * U(values[i - 1]) + U(values[i - 2]);
}

struct Range {
  int64_t min = 0;
  int64_t max = 0;
  unsigned width() const { return BytesFor(U(max) - U(min)); }
};

Range RangeOf(std::span<const int64_t> values, size_t begin, size_t end) {
  Range range;
  for (size_t i = begin; i < end; ++i) {
    const auto d = static_cast<int64_t>(SecondDelta(values, i));
    range.min = i == begin ? d : std::min(range.min, d);
    range.max = i == begin ? d : std::max(range.max, d);
  }
  return range;
}

size_t CostBits(std::span<const int64_t> values, const IntStats&, const RowContext&) {
  if (values.size() < 3) return kNoCost;
  std::vector<uint64_t> sample;
  SampleRun runs[kSampleRuns];
  const size_t count = SampleRunsOf(values.size(), runs);
  Range range;  // of the sample: the real one may be wider, which then costs a little more
  for (size_t r = 0; r < count; ++r) {
    if (runs[r].end - runs[r].begin < 3) continue;
    const Range run = RangeOf(values, runs[r].begin + 2, runs[r].end);
    range = r == 0 ? run : Range{std::min(range.min, run.min), std::max(range.max, run.max)};
    for (size_t i = runs[r].begin + 2; i < runs[r].end; ++i) sample.push_back(SecondDelta(values, i));
  }
  for (uint64_t& d : sample) d -= U(range.min);
  return DifferenceCostBits(sample, range.width(), values.size()) + 192;
}

void Encode(std::span<const int64_t> values, const IntStats&, const RowContext&, ChunkOut& out) {
  const Range range = RangeOf(values, 2, values.size());
  base::PutVarint(out.bytes, base::ZigZag(values[0]));
  base::PutVarint(out.bytes, base::ZigZag(static_cast<int64_t>(U(values[1]) - U(values[0]))));
  base::PutVarint(out.bytes, base::ZigZag(range.min));
  out.bytes.push_back(static_cast<char>(range.width()));
  std::vector<uint64_t> offsets(values.size() - 2);
  for (size_t i = 2; i < values.size(); ++i) offsets[i - 2] = SecondDelta(values, i) - U(range.min);
  AppendPlanes(offsets, range.width(), out);
}

bool Decode(base::ByteReader& reader, const RowContext&, std::span<int64_t> values) {
  uint64_t value = U(reader.SignedVarint());
  uint64_t delta = U(reader.SignedVarint());
  const int64_t minimum = reader.SignedVarint();
  const auto width = reader.Fixed<uint8_t>();
  if (!reader.ok() || width > sizeof(int64_t) || values.size() < 2) return false;
  if (!ReadPlanes(reader, width, minimum, values.subspan(2))) return false;
  values[0] = static_cast<int64_t>(value);
  values[1] = static_cast<int64_t>(value += delta);
  for (int64_t& v : values.subspan(2)) v = static_cast<int64_t>(value += (delta += U(v)));
  return true;
}

// All of them: each needs those before it twice over.
bool Pick(base::ByteReader& reader, size_t count, const Picks& picks, std::span<int64_t> values) {
  if (count >= 2) {
    base::ByteReader ahead = reader;
    for (int i = 0; i < 3; ++i) ahead.Varint();
    const auto width = ahead.Fixed<uint8_t>();
    if (!ahead.ok() || width > sizeof(int64_t)) return false;
    if (values.empty()) {
      reader = ahead;
      reader.Bytes((count - 2) * width);
      return reader.ok();
    }
    Need(picks.frame, ahead, (count - 2) * width);
  }
  std::vector<int64_t> all(count);
  if (!Decode(reader, {}, all)) return false;
  for (size_t i = 0; i < values.size(); ++i) values[i] = all[picks.index[i]];
  return true;
}

}  // namespace

const IntEncoding kIntDelta2 = {4, "delta2", CostBits, Encode, Decode, Pick, nullptr};

}  // namespace taffrail::store
