// by_shape := chunk of simple integers: the values in the order of their rows' shapes, and within a shape as
// they came.
//
// A shape is a kind of event: its level, its logger, the words of its message are always the same, or nearly.
// Brought together they are a run, which zstd writes in a few bytes; scattered over the block they cost what
// the shapes cost already, once more for every such column.
#include <algorithm>
#include <utility>
#include <vector>

#include "store/int_encoding.h"
#include "store/int_planes.h"

namespace taffrail::store {
namespace {

// By shape: the place of its first value in that order.
std::vector<uint32_t> Begins(std::span<const uint32_t> shapes) {
  uint32_t last = 0;
  for (const uint32_t shape : shapes) last = std::max(last, shape);
  std::vector<uint32_t> begins(size_t{last} + 2);
  for (const uint32_t shape : shapes) ++begins[shape + 1];
  for (size_t s = 1; s < begins.size(); ++s) begins[s] += begins[s - 1];
  return begins;
}

// The places of the values in that order.
std::vector<uint32_t> Order(std::span<const uint32_t> shapes) {
  std::vector<uint32_t> next = Begins(shapes);
  std::vector<uint32_t> places(shapes.size());
  for (size_t i = 0; i < shapes.size(); ++i) places[i] = next[shapes[i]]++;
  return places;
}

// As PlaneCostBits; values that hardly repeat are taken to be random, however few they are.
size_t GroupCostBits(const std::vector<uint64_t>& group, unsigned width) {
  const size_t bits = PlaneCostBits(group, width, group.size());
  std::vector<uint64_t> sorted = group;
  std::sort(sorted.begin(), sorted.end());
  const auto distinct = static_cast<size_t>(std::unique(sorted.begin(), sorted.end()) - sorted.begin());
  return distinct * 2 > group.size() ? std::max(bits, 7 * width * group.size()) : bits;
}

// Fewer values of a shape say nothing of its distribution: they are taken to be like the rest.
constexpr size_t kMinGroup = 16;

struct Shaped {
  uint32_t shape;
  uint64_t offset;
};

std::vector<Shaped> SampleOf(std::span<const int64_t> values, std::span<const uint32_t> shapes,
                             int64_t minimum) {
  std::vector<Shaped> sample;
  SampleRun runs[kSampleRuns];
  const size_t count = SampleRunsOf(values.size(), runs);
  for (size_t r = 0; r < count; ++r) {
    for (size_t i = runs[r].begin; i < runs[r].end; ++i) {
      sample.push_back({shapes[i], static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(minimum)});
    }
  }
  std::stable_sort(sample.begin(), sample.end(),
                   [](const Shaped& a, const Shaped& b) { return a.shape < b.shape; });
  return sample;
}

// Order-0 bits of the planes of a sample, each shape's values by themselves.
size_t CostBits(std::span<const int64_t> values, const IntStats& stats, const RowContext& rows) {
  constexpr size_t kMinValues = 64;
  if (!rows.shapes || values.size() < kMinValues) return kNoCost;
  const std::vector<Shaped> sample = SampleOf(values, rows.shapes(), stats.min);
  if (sample.front().shape == sample.back().shape) return kNoCost;
  const unsigned width = BytesFor(static_cast<uint64_t>(stats.max) - static_cast<uint64_t>(stats.min));
  size_t bits = 0;
  std::vector<uint64_t> group;
  std::vector<uint64_t> rest;
  for (size_t i = 0; i < sample.size(); ++i) {
    group.push_back(sample[i].offset);
    if (i + 1 < sample.size() && sample[i + 1].shape == sample[i].shape) continue;
    if (group.size() >= kMinGroup) {
      bits += GroupCostBits(group, width);
    } else {
      rest.insert(rest.end(), group.begin(), group.end());
    }
    group.clear();
  }
  bits += PlaneCostBits(rest, width, rest.size());
  return bits * values.size() / sample.size() + values.size() / 64 + 64;  // reading takes another pass
}

void Encode(std::span<const int64_t> values, const IntStats&, const RowContext& rows, ChunkOut& out) {
  const std::vector<uint32_t> places = Order(rows.shapes());
  std::vector<int64_t> ordered(values.size());
  for (size_t i = 0; i < values.size(); ++i) ordered[places[i]] = values[i];
  EncodeSimpleInts(ordered, out);
}

bool Decode(base::ByteReader& reader, const RowContext& rows, std::span<int64_t> values) {
  if (!rows.shapes) return false;
  const std::span<const uint32_t> shapes = rows.shapes();
  if (shapes.size() != values.size()) return false;
  std::vector<int64_t> ordered(values.size());
  if (!DecodeSimpleInts(reader, ordered)) return false;
  const std::vector<uint32_t> places = Order(shapes);
  for (size_t i = 0; i < values.size(); ++i) values[i] = ordered[places[i]];
  return true;
}

bool ReadNumbers(base::ByteReader& reader, const RowContext& rows, size_t count, uint64_t end,
                 std::vector<uint32_t>& numbers) {
  if (!rows.shapes) return false;
  const std::span<const uint32_t> shapes = rows.shapes();
  if (shapes.size() != count) return false;
  std::vector<uint32_t> ordered;
  if (!DecodeSimpleNumbers(reader, count, end, ordered)) return false;
  std::vector<uint32_t> next = Begins(shapes);
  numbers.resize(count);
  for (size_t i = 0; i < count; ++i) numbers[i] = ordered[next[shapes[i]]++];
  return true;
}

bool Pick(base::ByteReader& reader, size_t count, const Picks& picks, std::span<int64_t> values) {
  if (values.empty()) return PickSimpleInts(reader, count, {}, picks.frame, {});
  if (!picks.shape_order) return false;
  const std::span<const uint32_t> places = picks.shape_order();
  if (places.size() != values.size()) return false;
  return PickUnordered(places, values, [&](std::span<const uint32_t> ascending, std::span<int64_t> out) {
    return PickSimpleInts(reader, count, ascending, picks.frame, out);
  });
}

}  // namespace

const IntEncoding kIntByShape = {7, "by shape", CostBits, Encode, Decode, Pick, ReadNumbers};

}  // namespace taffrail::store
