// recent := varint fresh values | chunk of simple integers: the fresh values | a plane of lags. A lag k > 0
// says "as k values before"; 0 takes the next fresh value.
//
// A program's lines come in the interleaved threads of its requests: ids, users and addresses were nearly all
// seen a few lines ago. How far back is a small number, of which zstd leaves three or four bits; saying which
// of ten thousand it is would take fourteen.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "store/int_encoding.h"
#include "store/int_planes.h"

namespace taffrail::store {
namespace {

constexpr size_t kMaxLag = 255;

// Where each value was last, by hash; a slot that another value took is a missed chance, never an error.
template <unsigned kSlotBits>
class LastPlaces {
 public:
  // The lag of values[i], or 0, and notes the place.
  uint8_t Lag(std::span<const int64_t> values, size_t i) {
    uint32_t& slot = slots_[(static_cast<uint64_t>(values[i]) * 0x9e3779b97f4a7c15) >> (64 - kSlotBits)];
    const size_t place = slot;  // plus one: 0 is "none yet"
    slot = static_cast<uint32_t>(i + 1);
    if (place == 0 || i + 1 - place > kMaxLag || values[place - 1] != values[i]) return 0;
    return static_cast<uint8_t>(i + 1 - place);
  }

 private:
  std::array<uint32_t, size_t{1} << kSlotBits> slots_{};
};

size_t CostBits(std::span<const int64_t> values, const IntStats& stats, const RowContext&) {
  constexpr size_t kMinValues = 64;  // fewer do not pay for the second chunk
  if (values.size() < kMinValues) return kNoCost;
  SampleRun runs[kSampleRuns];
  const size_t count = SampleRunsOf(values.size(), runs);
  std::vector<uint64_t> lags;
  std::vector<uint64_t> fresh;
  for (size_t r = 0; r < count; ++r) {
    LastPlaces<9> last;
    // The first half of a run is there to look back at.
    const size_t length = runs[r].end - runs[r].begin;
    const std::span<const int64_t> run = values.subspan(runs[r].begin, length);
    for (size_t i = 0; i < length; ++i) {
      const uint8_t lag = last.Lag(run, i);
      if (count > 1 && i < length / 2) continue;
      lags.push_back(lag);
      if (lag == 0) fresh.push_back(static_cast<uint64_t>(run[i]) - static_cast<uint64_t>(stats.min));
    }
  }
  if (fresh.size() * 4 > lags.size() * 3) return kNoCost;
  const unsigned width = BytesFor(static_cast<uint64_t>(stats.max) - static_cast<uint64_t>(stats.min));
  const size_t fresh_count = values.size() * fresh.size() / lags.size();
  return PlaneCostBits(lags, 1, values.size()) + PlaneCostBits(fresh, width, fresh_count) + 160;
}

void Encode(std::span<const int64_t> values, const IntStats&, const RowContext&, ChunkOut& out) {
  std::string lags(values.size(), '\0');
  std::vector<int64_t> fresh;
  LastPlaces<12> last;
  for (size_t i = 0; i < values.size(); ++i) {
    const uint8_t lag = last.Lag(values, i);
    lags[i] = static_cast<char>(lag);
    if (lag == 0) fresh.push_back(values[i]);
  }
  base::PutVarint(out.bytes, fresh.size());
  EncodeSimpleInts(fresh, out);
  out.Cut();
  out.bytes += lags;
  out.Cut();
}

bool Decode(base::ByteReader& reader, const RowContext&, std::span<int64_t> values) {
  const uint64_t count = reader.Varint();
  if (!reader.ok() || count > values.size()) return false;
  std::vector<int64_t> fresh(count);
  if (!DecodeSimpleInts(reader, fresh)) return false;
  const std::string_view lags = reader.Bytes(values.size());
  if (!reader.ok()) return false;
  size_t next = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto lag = static_cast<uint8_t>(lags[i]);
    if (lag > i || (lag == 0 && next == count)) return false;
    values[i] = lag == 0 ? fresh[next++] : values[i - lag];
  }
  return next == count;
}

// More picks than these are found by going through all lags once: the lags of a value that occurs everywhere
// lead back to the beginning in a thousand steps.
constexpr size_t kManyPicks = 64;

// Of each picked value, which fresh one it is, by going through all values up to the last.
bool ResolveForward(std::string_view lags, uint64_t fresh_count, std::span<const uint32_t> index,
                    std::vector<uint32_t>& numbers) {
  std::vector<uint32_t> sources(index.back() + size_t{1});
  uint32_t next = 0;
  for (size_t i = 0; i < sources.size(); ++i) {
    const auto lag = static_cast<uint8_t>(lags[i]);
    if (lag > i || (lag == 0 && next == fresh_count)) return false;
    sources[i] = lag == 0 ? next++ : sources[i - lag];
  }
  for (const uint32_t i : index) numbers.push_back(sources[i]);
  return true;
}

// Follows the lags of each picked value back to a fresh one, which is found by counting those before it.
bool Pick(base::ByteReader& reader, size_t count, const Picks& picks, std::span<int64_t> values) {
  const uint64_t fresh_count = reader.Varint();
  if (!reader.ok() || fresh_count > count) return false;
  base::ByteReader fresh = reader;
  if (!PickSimpleInts(reader, fresh_count, {}, picks.frame, {})) return false;
  const std::string_view lags = reader.Bytes(count);
  if (!reader.ok()) return false;
  const auto lag_at = [&](uint32_t at) {
    if (picks.frame != nullptr) picks.frame->Need(lags.data() + at, 1);
    return static_cast<uint8_t>(lags[at]);
  };
  if (values.size() > kManyPicks) {
    if (picks.frame != nullptr) picks.frame->Need(lags.data(), picks.index.back() + size_t{1});
    std::vector<uint32_t> numbers;
    if (!ResolveForward(lags, fresh_count, picks.index, numbers)) return false;
    return PickUnordered(numbers, values, [&](std::span<const uint32_t> ascending, std::span<int64_t> out) {
      return PickSimpleInts(fresh, fresh_count, ascending, picks.frame, out);
    });
  }
  std::vector<uint32_t> places(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    uint32_t at = picks.index[i];
    for (uint8_t lag = lag_at(at); lag > 0; lag = lag_at(at)) {
      if (lag > at) return false;
      at -= lag;
    }
    places[i] = at;
  }
  return PickUnordered(places, values, [&](std::span<const uint32_t> ascending, std::span<int64_t> out) {
    if (picks.frame != nullptr && !ascending.empty()) picks.frame->Need(lags.data(), ascending.back());
    std::vector<uint32_t> numbers(ascending.size());
    size_t number = 0;
    size_t at = 0;
    for (size_t i = 0; i < ascending.size(); ++i) {
      number += CountZeros(lags.substr(at, ascending[i] - at));
      at = ascending[i];
      if (number >= fresh_count) return false;
      numbers[i] = static_cast<uint32_t>(number);
    }
    return PickSimpleInts(fresh, fresh_count, numbers, picks.frame, out);
  });
}

}  // namespace

const IntEncoding kIntRecent = {6, "recent", CostBits, Encode, Decode, Pick, nullptr};

}  // namespace taffrail::store
