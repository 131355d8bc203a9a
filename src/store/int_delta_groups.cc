// delta in groups := as delta up to its width | zigzag varint for the start of every group of 4096 values but
// the first: its value, less that of the group before | planes as in delta.
//
// Delta for long columns: a reader who wants one value sums up what lies before it in its group, and leaves
// the rest of the planes alone.
#include <algorithm>
#include <vector>

#include "store/int_encoding.h"
#include "store/int_planes.h"

namespace taffrail::store {
namespace {

constexpr size_t kGroup = 4096;
// Of a varint.
constexpr size_t kMaxStartBytes = 10;

uint64_t U(int64_t value) { return static_cast<uint64_t>(value); }
size_t GroupsOf(size_t count) { return (count + kGroup - 1) / kGroup; }

size_t CostBits(std::span<const int64_t> values, const IntStats& stats, const RowContext& rows) {
  if (values.size() < kMinGroupedDelta) return kNoCost;
  const size_t bits = DeltaCostBits(values, stats, rows);
  constexpr size_t kStartBits = 40;
  return bits == kNoCost ? bits : bits + GroupsOf(values.size()) * kStartBits;
}

void Encode(std::span<const int64_t> values, const IntStats& stats, const RowContext&, ChunkOut& out) {
  const unsigned width = BytesFor(U(stats.max_delta) - U(stats.min_delta));
  base::PutVarint(out.bytes, base::ZigZag(values[0]));
  base::PutVarint(out.bytes, base::ZigZag(stats.min_delta));
  out.bytes.push_back(static_cast<char>(width));
  for (size_t begin = kGroup; begin < values.size(); begin += kGroup) {
    base::PutVarint(out.bytes,
                    base::ZigZag(static_cast<int64_t>(U(values[begin]) - U(values[begin - kGroup]))));
  }
  std::vector<uint64_t> offsets(values.size() - 1);
  for (size_t i = 1; i < values.size(); ++i) {
    offsets[i - 1] = U(values[i]) - U(values[i - 1]) - U(stats.min_delta);
  }
  AppendPlanes(offsets, width, out);
}

struct Head {
  uint64_t minimum = 0;
  unsigned width = 0;
  std::vector<uint64_t> starts;  // of each group
};

bool ReadHead(base::ByteReader& reader, size_t count, Head& head) {
  head.starts.push_back(U(reader.SignedVarint()));
  head.minimum = U(reader.SignedVarint());
  head.width = reader.Fixed<uint8_t>();
  if (!reader.ok() || head.width > sizeof(int64_t) || count == 0) return false;
  for (size_t group = 1; group < GroupsOf(count); ++group) {
    head.starts.push_back(head.starts.back() + U(reader.SignedVarint()));
  }
  return reader.ok();
}

bool Decode(base::ByteReader& reader, const RowContext&, std::span<int64_t> values) {
  Head head;
  if (!ReadHead(reader, values.size(), head)) return false;
  if (!ReadPlanes(reader, head.width, static_cast<int64_t>(head.minimum), values.subspan(1))) return false;
  values[0] = static_cast<int64_t>(head.starts[0]);
  uint64_t value = head.starts[0];
  for (int64_t& v : values.subspan(1)) v = static_cast<int64_t>(value += U(v));
  for (size_t group = 1; group < head.starts.size(); ++group) {
    if (U(values[group * kGroup]) != head.starts[group]) return false;
  }
  return true;
}

bool Pick(base::ByteReader& reader, size_t count, const Picks& picks, std::span<int64_t> values) {
  Need(picks.frame, reader, kChunkHeadBytes + GroupsOf(count) * kMaxStartBytes);
  Head head;
  if (!ReadHead(reader, count, head)) return false;
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t place = picks.index[i];
    values[i] = static_cast<int64_t>(head.starts[place / kGroup] + place % kGroup * head.minimum);
  }
  for (unsigned plane = 0; plane < head.width; ++plane) {
    const std::string_view bytes = reader.Bytes(count - 1);
    if (!reader.ok()) return false;
    uint64_t sum = 0;  // of the bytes from the group's begin to `at`
    size_t at = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      const size_t place = picks.index[i];
      if (const size_t begin = place / kGroup * kGroup; at < begin) {
        sum = 0;
        at = begin;
      }
      const std::string_view between = bytes.substr(at, place - at);
      if (picks.frame != nullptr) picks.frame->Need(between.data(), between.size());
      sum += SumBytes(between);
      at = place;
      values[i] = static_cast<int64_t>(U(values[i]) + (sum << (8 * plane)));
    }
  }
  return true;
}

}  // namespace

const IntEncoding kIntDeltaGroups = {8, "delta in groups", CostBits, Encode, Decode, Pick, nullptr};

}  // namespace taffrail::store
