#include "store/int_encoding.h"

#include <algorithm>
#include <cassert>

#include "store/int_planes.h"

namespace taffrail::store {
namespace {

constexpr const IntEncoding* kTable[] = {&kIntConstant,    &kIntOffset,     &kIntDelta,  &kIntDelta2,
                                         &kIntDeltaGroups, &kIntDictionary, &kIntRecent, &kIntByShape};
// The first ones have no chunks of integers inside them.
constexpr size_t kSimple = 5;

const IntEncoding& Choose(std::span<const int64_t> values, const IntStats& stats, const RowContext& rows,
                          size_t candidates, size_t& cost_bits) {
  const IntEncoding* best = nullptr;
  cost_bits = kNoCost;
  for (const IntEncoding* encoding : std::span(kTable).first(candidates)) {
    // Values whose differences are no smaller than they are have no smaller second differences either.
    if (encoding == &kIntDelta2 && best == &kIntOffset) continue;
    const size_t cost = encoding->cost_bits(values, stats, rows);
    if (cost >= cost_bits) continue;
    best = encoding;
    cost_bits = cost;
    if (cost == 0) break;
  }
  assert(best != nullptr);  // kIntOffset holds anything
  return *best;
}

// By nothing but widths: no estimates.
const IntEncoding& ChooseFast(std::span<const int64_t> values, const IntStats& stats) {
  if (stats.min == stats.max) return kIntConstant;
  const uint64_t range = static_cast<uint64_t>(stats.max) - static_cast<uint64_t>(stats.min);
  const uint64_t delta_range =
      static_cast<uint64_t>(stats.max_delta) - static_cast<uint64_t>(stats.min_delta);
  return values.size() > 2 && BytesFor(delta_range) < BytesFor(range) ? kIntDelta : kIntOffset;
}

void EncodeAs(const IntEncoding& encoding, std::span<const int64_t> values, const IntStats& stats,
              const RowContext& rows, ChunkOut& out) {
  out.bytes.push_back(static_cast<char>(encoding.id));
  encoding.encode(values, stats, rows, out);
}

bool Decode(base::ByteReader& reader, const RowContext& rows, size_t candidates, std::span<int64_t> values) {
  const auto id = reader.Fixed<uint8_t>();
  if (!reader.ok()) return false;
  for (const IntEncoding* encoding : std::span(kTable).first(candidates)) {
    if (encoding->id == id) return encoding->decode(reader, rows, values);
  }
  return false;
}

bool Numbers(base::ByteReader& reader, const RowContext& rows, size_t count, uint64_t end, size_t candidates,
             std::vector<uint32_t>& numbers) {
  base::ByteReader ahead = reader;
  const auto id = ahead.Fixed<uint8_t>();
  for (const IntEncoding* encoding : std::span(kTable).first(candidates)) {
    if (encoding->id != id || encoding->decode_numbers == nullptr) continue;
    reader = ahead;
    return encoding->decode_numbers(reader, rows, count, end, numbers);
  }
  std::vector<int64_t> values(count);
  if (!Decode(reader, rows, candidates, values)) return false;
  numbers.resize(count);
  for (size_t i = 0; i < count; ++i) {
    if (static_cast<uint64_t>(values[i]) >= end) return false;
    numbers[i] = static_cast<uint32_t>(values[i]);
  }
  return true;
}

bool Pick(base::ByteReader& reader, size_t count, const Picks& picks, size_t candidates,
          std::span<int64_t> values) {
  Need(picks.frame, reader);
  const auto id = reader.Fixed<uint8_t>();
  if (!reader.ok()) return false;
  for (const IntEncoding* encoding : std::span(kTable).first(candidates)) {
    if (encoding->id == id) return encoding->pick(reader, count, picks, values);
  }
  return false;
}

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

std::span<const IntEncoding* const> IntEncodings() { return kTable; }

const IntEncoding* FindIntEncoding(uint8_t id) {
  const auto* const found = std::find_if(std::begin(kTable), std::end(kTable),
                                         [id](const IntEncoding* encoding) { return encoding->id == id; });
  return found == std::end(kTable) ? nullptr : *found;
}

void EncodeInts(std::span<const int64_t> values, const RowContext& rows, Effort effort, ChunkOut& out) {
  const IntStats stats = StatsOf(values);
  size_t ignored = 0;
  const IntEncoding& chosen = effort == Effort::kFast
                                  ? ChooseFast(values, stats)
                                  : Choose(values, stats, rows, std::size(kTable), ignored);
  EncodeAs(chosen, values, stats, rows, out);
}

bool DecodeInts(base::ByteReader& reader, const RowContext& rows, std::span<int64_t> values) {
  return Decode(reader, rows, std::size(kTable), values);
}

bool DecodeNumbers(base::ByteReader& reader, const RowContext& rows, size_t count, uint64_t end,
                   std::vector<uint32_t>& numbers) {
  return Numbers(reader, rows, count, end, std::size(kTable), numbers);
}

bool PickInts(base::ByteReader& reader, size_t count, const Picks& picks, std::span<int64_t> values) {
  return Pick(reader, count, picks, std::size(kTable), values);
}

size_t IntCostBits(std::span<const int64_t> values, const RowContext& rows) {
  size_t cost_bits = 0;
  Choose(values, StatsOf(values), rows, std::size(kTable), cost_bits);
  return cost_bits;
}

void EncodeSimpleInts(std::span<const int64_t> values, ChunkOut& out) {
  const IntStats stats = StatsOf(values);
  size_t ignored = 0;
  EncodeAs(Choose(values, stats, {}, kSimple, ignored), values, stats, {}, out);
}

bool DecodeSimpleInts(base::ByteReader& reader, std::span<int64_t> values) {
  return Decode(reader, {}, kSimple, values);
}

bool DecodeSimpleNumbers(base::ByteReader& reader, size_t count, uint64_t end,
                         std::vector<uint32_t>& numbers) {
  return Numbers(reader, {}, count, end, kSimple, numbers);
}

bool PickSimpleInts(base::ByteReader& reader, size_t count, std::span<const uint32_t> index, LazyFrame* frame,
                    std::span<int64_t> values) {
  return Pick(reader, count, {.index = index, .frame = frame, .times = {}, .shape_order = {}}, kSimple,
              values);
}

bool ReadConstant(base::ByteReader& reader, LazyFrame* frame, int64_t& value) {
  Need(frame, reader);
  base::ByteReader ahead = reader;
  if (ahead.Fixed<uint8_t>() != kIntConstant.id) return false;
  value = ahead.SignedVarint();
  if (!ahead.ok()) return false;
  reader = ahead;
  return true;
}

bool NeedInts(LazyFrame* frame, const base::ByteReader& reader, size_t count) {
  if (frame == nullptr) return true;
  base::ByteReader begin = reader;
  base::ByteReader end = reader;
  if (!PickInts(end, count, {.index = {}, .frame = frame, .times = {}, .shape_order = {}}, {})) return false;
  Need(frame, begin, begin.remaining() - end.remaining());
  return true;
}

}  // namespace taffrail::store
