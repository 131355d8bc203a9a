#include "store/int_planes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace taffrail::store {
namespace {

// c * log2(c) for the counts of a sample.
double CountLog(size_t count) {
  static const auto kTable = [] {
    std::array<double, kSampleRuns * kSampleRunValues + 1> table{};
    for (size_t c = 1; c < table.size(); ++c) {
      table[c] = static_cast<double>(c) * std::log2(static_cast<double>(c));
    }
    return table;
  }();
  return kTable[count];
}

template <typename Int>
void WritePlanes(std::span<const Int> values, uint64_t minimum, unsigned width, ChunkOut& out) {
  const size_t start = out.bytes.size();
  out.bytes.resize(start + values.size() * width);
  for (unsigned plane = 0; plane < width; ++plane) {
    const size_t begin = start + plane * values.size();
    out.cuts.push_back(static_cast<uint32_t>(begin));
    char* const to = out.bytes.data() + begin;
    for (size_t i = 0; i < values.size(); ++i) {
      to[i] = static_cast<char>((static_cast<uint64_t>(values[i]) - minimum) >> (8 * plane));
    }
  }
  out.Cut();
}

// All planes at once: one pass over the values, which are eight times as large as what they are made from.
template <unsigned kWidth>
bool ReadPlanes(base::ByteReader& reader, uint64_t minimum, std::span<int64_t> values) {
  const size_t count = values.size();
  const std::string_view bytes = reader.Bytes(count * kWidth);
  if (!reader.ok()) return false;
  const auto* const planes = reinterpret_cast<const uint8_t*>(bytes.data());
  int64_t* const out = values.data();
  for (size_t i = 0; i < count; ++i) {
    uint64_t value = minimum;
    for (unsigned plane = 0; plane < kWidth; ++plane) {
      value += uint64_t{planes[plane * count + i]} << (8 * plane);
    }
    out[i] = static_cast<int64_t>(value);
  }
  return true;
}

}  // namespace

unsigned BytesFor(uint64_t range) { return (static_cast<unsigned>(std::bit_width(range)) + 7) / 8; }

void AppendPlanes(std::span<const uint64_t> values, unsigned width, ChunkOut& out) {
  WritePlanes(values, 0, width, out);
}

void AppendPlanes(std::span<const uint32_t> values, unsigned width, ChunkOut& out) {
  WritePlanes(values, 0, width, out);
}

void AppendPlanes(std::span<const int64_t> values, uint64_t minimum, unsigned width, ChunkOut& out) {
  WritePlanes(values, minimum, width, out);
}

bool ReadPlanes(base::ByteReader& reader, unsigned width, int64_t minimum, std::span<int64_t> values) {
  switch (width) {
    case 0:
      std::fill(values.begin(), values.end(), minimum);
      return true;
    case 1:
      return ReadPlanes<1>(reader, static_cast<uint64_t>(minimum), values);
    case 2:
      return ReadPlanes<2>(reader, static_cast<uint64_t>(minimum), values);
    case 3:
      return ReadPlanes<3>(reader, static_cast<uint64_t>(minimum), values);
    case 4:
      return ReadPlanes<4>(reader, static_cast<uint64_t>(minimum), values);
    case 5:
      return ReadPlanes<5>(reader, static_cast<uint64_t>(minimum), values);
    case 6:
      return ReadPlanes<6>(reader, static_cast<uint64_t>(minimum), values);
    case 7:
      return ReadPlanes<7>(reader, static_cast<uint64_t>(minimum), values);
    case 8:
      return ReadPlanes<8>(reader, static_cast<uint64_t>(minimum), values);
    default:
      return false;
  }
}

bool ReadNumberPlanes(base::ByteReader& reader, unsigned width, uint64_t minimum, size_t count, uint64_t end,
                      std::vector<uint32_t>& numbers) {
  if (count == 0) return width <= sizeof(uint64_t);
  constexpr unsigned kMaxWidth = 3;  // a block's numbers are below 2^24: it has fewer rows, shapes, streams
  if (minimum >= end || end > UINT32_MAX / 2) return false;
  if (width > kMaxWidth) {
    std::vector<int64_t> values(count);
    if (!ReadPlanes(reader, width, static_cast<int64_t>(minimum), values)) return false;
    numbers.resize(count);
    for (size_t i = 0; i < count; ++i) {
      if (static_cast<uint64_t>(values[i]) >= end) return false;
      numbers[i] = static_cast<uint32_t>(values[i]);
    }
    return true;
  }
  const std::string_view bytes = reader.Bytes(count * width);
  if (!reader.ok()) return false;
  numbers.resize(count);
  const auto base = static_cast<uint32_t>(minimum);
  const auto* const low = reinterpret_cast<const uint8_t*>(bytes.data());
  const uint8_t* const middle = low + (width > 1 ? count : 0);
  const uint8_t* const high = low + (width > 2 ? 2 * count : 0);
  uint32_t largest = 0;
  uint32_t* const out = numbers.data();
  if (width == 0) {
    std::fill(numbers.begin(), numbers.end(), base);
  } else if (width == 1) {
    for (size_t i = 0; i < count; ++i) largest = std::max(largest, out[i] = base + low[i]);
  } else if (width == 2) {
    for (size_t i = 0; i < count; ++i) {
      largest = std::max(largest, out[i] = base + low[i] + (uint32_t{middle[i]} << 8));
    }
  } else {
    for (size_t i = 0; i < count; ++i) {
      out[i] = base + low[i] + (uint32_t{middle[i]} << 8) + (uint32_t{high[i]} << 16);
      largest = std::max(largest, out[i]);
    }
  }
  return largest < end;
}

bool PickPlanes(base::ByteReader& reader, unsigned width, size_t count, const Picks& picks,
                std::span<int64_t> values) {
  for (unsigned plane = 0; plane < width; ++plane) {
    const std::string_view bytes = reader.Bytes(count);
    if (!reader.ok()) return false;
    for (size_t i = 0; i < picks.index.size(); ++i) {
      const char* const at = bytes.data() + picks.index[i];
      if (picks.frame != nullptr) picks.frame->Need(at, 1);
      const uint64_t part = uint64_t{static_cast<uint8_t>(*at)} << (8 * plane);
      values[i] = static_cast<int64_t>(static_cast<uint64_t>(values[i]) + part);
    }
  }
  return true;
}

bool SumPlanes(base::ByteReader& reader, unsigned width, size_t count, const Picks& picks,
               std::span<int64_t> values) {
  for (unsigned plane = 0; plane < width; ++plane) {
    const std::string_view bytes = reader.Bytes(count);
    if (!reader.ok()) return false;
    if (picks.index.empty()) continue;
    if (picks.frame != nullptr) picks.frame->Need(bytes.data(), picks.index.back());
    uint64_t sum = 0;
    size_t at = 0;
    for (size_t i = 0; i < picks.index.size(); ++i) {
      sum += SumBytes(bytes.substr(at, picks.index[i] - at));
      at = picks.index[i];
      values[i] = static_cast<int64_t>(static_cast<uint64_t>(values[i]) + (sum << (8 * plane)));
    }
  }
  return true;
}

uint64_t SumBytes(std::string_view bytes) {
  uint64_t sum = 0;
  size_t i = 0;
#if defined(__SSE2__)
  __m128i sums = _mm_setzero_si128();
  for (; i + 16 <= bytes.size(); i += 16) {
    const __m128i next = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + i));
    sums = _mm_add_epi64(sums, _mm_sad_epu8(next, _mm_setzero_si128()));
  }
  sum = static_cast<uint64_t>(_mm_cvtsi128_si64(sums)) +
        static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums)));
#endif
  for (; i < bytes.size(); ++i) sum += static_cast<uint8_t>(bytes[i]);
  return sum;
}

size_t CountZeros(std::string_view bytes) {
  size_t count = 0;
  size_t i = 0;
#if defined(__SSE2__)
  const __m128i zero = _mm_setzero_si128();
  for (; i + 16 <= bytes.size(); i += 16) {
    const __m128i next = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + i));
    count += static_cast<size_t>(
        std::popcount(static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(next, zero)))));
  }
#endif
  for (; i < bytes.size(); ++i) count += bytes[i] == 0 ? 1 : 0;
  return count;
}

size_t SampleRunsOf(size_t count, SampleRun (&runs)[kSampleRuns]) {
  if (count <= kSampleRuns * kSampleRunValues) {
    runs[0] = {0, count};
    return 1;
  }
  const size_t step = (count - kSampleRunValues) / (kSampleRuns - 1);
  for (size_t r = 0; r < kSampleRuns; ++r) runs[r] = {r * step, r * step + kSampleRunValues};
  return kSampleRuns;
}

size_t PlaneCostBits(std::span<const uint64_t> sample, unsigned width, size_t count) {
  if (sample.empty()) return 0;
  const size_t n = std::min(sample.size(), kSampleRuns * kSampleRunValues);
  double bits = 0;
  for (unsigned plane = 0; plane < width; ++plane) {
    std::array<uint16_t, 256> counts{};
    for (size_t i = 0; i < n; ++i) ++counts[static_cast<uint8_t>(sample[i] >> (8 * plane))];
    double plane_bits = CountLog(n);
    size_t distinct = 0;
    for (const uint16_t c : counts) {
      plane_bits -= CountLog(c);
      distinct += c > 0 ? 1 : 0;
    }
    // What a sample shows of a nearly uniform distribution is less than what is there (Miller and Madow).
    plane_bits += 0.72 * static_cast<double>(distinct - 1);
    bits += std::min(plane_bits, 8.0 * static_cast<double>(n));
  }
  return static_cast<size_t>(bits * static_cast<double>(count) / static_cast<double>(n));
}

}  // namespace taffrail::store
