// dictionary := varint entries (1 to 256) | chunk of simple integers: the entries, ascending | a plane: for
// every value its entry. For few distinct values that lie far apart: status codes, process ids, ports.
#include <algorithm>
#include <array>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "store/int_encoding.h"
#include "store/int_planes.h"

namespace taffrail::store {
namespace {

constexpr size_t kMaxEntries = 256;
// More distinct values than this among a sample, and there are too many in the whole.
constexpr size_t kMaxSampleEntries = 224;

size_t CostBits(std::span<const int64_t> values, const IntStats& stats, const RowContext&) {
  // Where one plane holds the values, the dictionary says the same with more words.
  if (BytesFor(static_cast<uint64_t>(stats.max) - static_cast<uint64_t>(stats.min)) < 2) return kNoCost;
  absl::flat_hash_map<int64_t, uint64_t> codes;
  std::vector<uint64_t> sample;
  SampleRun runs[kSampleRuns];
  const size_t count = SampleRunsOf(values.size(), runs);
  for (size_t r = 0; r < count; ++r) {
    for (size_t i = runs[r].begin; i < runs[r].end; ++i) {
      sample.push_back(codes.try_emplace(values[i], codes.size()).first->second);
      if (codes.size() > kMaxSampleEntries) return kNoCost;
    }
  }
  if (codes.size() * 2 > sample.size()) return kNoCost;
  for (const int64_t value : values) {  // all of them, now that it looks well
    codes.try_emplace(value, codes.size());
    if (codes.size() > kMaxEntries) return kNoCost;
  }
  const size_t entry_bits =
      8 * size_t{BytesFor(static_cast<uint64_t>(stats.max) - static_cast<uint64_t>(stats.min))};
  return PlaneCostBits(sample, 1, values.size()) + codes.size() * entry_bits + 96;
}

void Encode(std::span<const int64_t> values, const IntStats&, const RowContext&, ChunkOut& out) {
  absl::flat_hash_map<int64_t, uint8_t> codes;
  for (const int64_t value : values) codes.try_emplace(value, 0);
  std::vector<int64_t> entries;
  entries.reserve(codes.size());
  for (const auto& [value, code] : codes) entries.push_back(value);
  std::sort(entries.begin(), entries.end());
  for (size_t i = 0; i < entries.size(); ++i) codes[entries[i]] = static_cast<uint8_t>(i);
  base::PutVarint(out.bytes, entries.size());
  EncodeSimpleInts(entries, out);
  out.Cut();
  for (const int64_t value : values) out.bytes.push_back(static_cast<char>(codes[value]));
  out.Cut();
}

using Entries = std::array<int64_t, kMaxEntries>;

bool ReadEntries(base::ByteReader& reader, Entries& entries, uint64_t& count) {
  count = reader.Varint();
  return reader.ok() && count > 0 && count <= kMaxEntries &&
         DecodeSimpleInts(reader, std::span(entries).first(count));
}

bool Decode(base::ByteReader& reader, const RowContext&, std::span<int64_t> values) {
  Entries entries{};
  uint64_t count = 0;
  if (!ReadEntries(reader, entries, count)) return false;
  const std::string_view codes = reader.Bytes(values.size());
  if (!reader.ok()) return false;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto code = static_cast<uint8_t>(codes[i]);
    if (code >= count) return false;
    values[i] = entries[code];
  }
  return true;
}

bool Pick(base::ByteReader& reader, size_t count, const Picks& picks, std::span<int64_t> values) {
  Entries entries{};
  uint64_t entry_count = 0;
  constexpr size_t kMostBytes = 2 * kChunkHeadBytes + kMaxEntries * sizeof(int64_t);
  Need(picks.frame, reader, kMostBytes);
  if (!ReadEntries(reader, entries, entry_count)) return false;
  const std::string_view codes = reader.Bytes(count);
  if (!reader.ok()) return false;
  for (size_t i = 0; i < values.size(); ++i) {
    const char* const at = codes.data() + picks.index[i];
    if (picks.frame != nullptr) picks.frame->Need(at, 1);
    const auto code = static_cast<uint8_t>(*at);
    if (code >= entry_count) return false;
    values[i] = entries[code];
  }
  return true;
}

}  // namespace

const IntEncoding kIntDictionary = {5, "dictionary", CostBits, Encode, Decode, Pick, nullptr};

}  // namespace taffrail::store
