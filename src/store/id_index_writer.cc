#include "store/id_index_writer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <utility>

#include "base/bytes.h"

namespace taffrail::store {
namespace {

// Entries of a page, about: two kilobytes are one read of a disk, and few enough to decode in microseconds.
constexpr unsigned kPageEntriesBits = 10;
// Ids in more than this share of a part's blocks help nobody.
constexpr size_t kAnyBlockShare = 2;
constexpr uint32_t kAnyBlockMinBlocks = 4;

constexpr unsigned kDigitBits = 10;

// Radix sort by the bits from `low` to below `high` of the hash. It is stable.
void SortByHash(std::vector<IdEntry>& entries, unsigned low, unsigned high) {
  constexpr uint64_t kMask = (1U << kDigitBits) - 1;
  std::vector<IdEntry> sorted(entries.size());
  constexpr unsigned kLowest = kIdBlockBits + kIdHintBits;
  for (unsigned shift = kLowest + low; shift < kLowest + high; shift += kDigitBits) {
    std::array<size_t, kMask + 1> place{};
    for (const IdEntry entry : entries) ++place[(entry >> shift) & kMask];
    size_t begin = 0;
    for (size_t& at : place) begin += std::exchange(at, begin);
    for (const IdEntry entry : entries) sorted[place[(entry >> shift) & kMask]++] = entry;
    entries.swap(sorted);
  }
}

// A page's entries, whose hashes differ in `bits`. Most of them are the only one with their first digit.
void SortPage(std::vector<IdEntry>& entries, unsigned bits) {
  const unsigned rest = bits > kDigitBits ? bits - kDigitBits : 0;
  SortByHash(entries, rest, bits);
  for (size_t first = 0; first < entries.size();) {
    size_t last = first + 1;
    while (last < entries.size() && HashOf(entries[last]) >> rest == HashOf(entries[first]) >> rest) ++last;
    std::sort(entries.begin() + static_cast<ptrdiff_t>(first),
              entries.begin() + static_cast<ptrdiff_t>(last));
    first = last;
  }
}

// Each block of an id once, with any of its rows when several are named; "any block" for hashes of too many
// blocks. REQUIRES: sorted.
void Tidy(std::vector<IdEntry>& entries, uint32_t blocks) {
  size_t once = 0;
  for (const IdEntry entry : entries) {
    if (once == 0 || !SameBlock(entries[once - 1], entry)) {
      entries[once++] = entry;
    } else if (entries[once - 1] != entry) {
      entries[once - 1] |= kAnyRows;
    }
  }
  entries.resize(once);
  if (blocks < kAnyBlockMinBlocks) return;
  size_t kept = 0;
  for (size_t first = 0; first < entries.size();) {
    size_t last = first + 1;
    while (last < entries.size() && HashOf(entries[last]) == HashOf(entries[first])) ++last;
    if ((last - first) * kAnyBlockShare > blocks) {
      entries[kept++] = MakeIdEntry(HashOf(entries[first]), blocks, kAnyRows);
    } else {
      while (first < last) entries[kept++] = entries[first++];
    }
    first = last;
  }
  entries.resize(kept);
}

IdIndexInfo ShapeFor(uint64_t entries, uint8_t hash_bits) {
  IdIndexInfo info;
  info.hash_bits = hash_bits;
  const auto bits = static_cast<unsigned>(std::bit_width(entries));
  info.page_bits =
      static_cast<uint8_t>(std::min(bits > kPageEntriesBits ? bits - kPageEntriesBits : 0, kMaxIdPageBits));
  // The best divisor is the mean distance times ln 2.
  const auto distance = static_cast<uint64_t>(0.69 * static_cast<double>(uint64_t{1} << hash_bits) /
                                              static_cast<double>(std::max<uint64_t>(entries, 1)));
  info.rice_bits = static_cast<uint8_t>(distance < 2 ? 0 : std::bit_width(distance) - 1);
  return info;
}

}  // namespace

void IdIndexWriter::AddBlock(std::span<const IdRows> ids, uint32_t block) {
  collected_.reserve(collected_.size() + ids.size());
  for (const IdRows& id : ids) {
    collected_.push_back(MakeIdEntry(TopBits(id.hash, kIdHashBits), block, RowHint(id.first, id.last)));
  }
}

void IdIndexWriter::CopyBlock(const IdIndex& index, uint32_t from, uint32_t to) {
  if (index.info().bytes == 0) return;
  Source& source = sources_[&index];
  source.index = &index;
  source.to.resize(index.blocks());
  source.to[from].push_back(to);
}

uint64_t IdIndexWriter::EntriesAtMost() const {
  uint64_t entries = collected_.size();
  for (const auto& [index, source] : sources_) {
    const auto copied = static_cast<uint64_t>(
        std::count_if(source.to.begin(), source.to.end(), [](const auto& to) { return !to.empty(); }));
    entries += index->info().entries * copied / std::max<uint64_t>(index->blocks(), 1);
  }
  return entries;
}

// Of the new index: those of the source with the shortest.
uint8_t IdIndexWriter::HashBits() const {
  uint8_t bits = kIdHashBits;
  for (const auto& [index, source] : sources_) {
    bits = std::min(bits, index->info().hash_bits);
  }
  return bits;
}

// Appends the source's entries below `end_hash`, by their new blocks and with hashes of `hash_bits`.
absl::Status IdIndexWriter::TakeCopied(Source& source, uint64_t end_hash, unsigned hash_bits,
                                       const std::vector<uint32_t>& numbers, std::vector<IdEntry>& to) {
  const IdIndex& index = *source.index;
  const unsigned longer = index.info().hash_bits - hash_bits;
  const auto put = [&](IdEntry entry, uint32_t from) {
    for (const uint32_t block : source.to[from]) {
      to.push_back(MakeIdEntry(HashOf(entry) >> longer, numbers[block], HintOf(entry)));
    }
  };
  while (true) {
    for (; source.next < source.entries.size(); ++source.next) {
      const IdEntry entry = source.entries[source.next];
      if (HashOf(entry) >> longer >= end_hash) return absl::OkStatus();
      if (BlockOf(entry) < index.blocks()) {
        put(entry, BlockOf(entry));
        continue;
      }
      for (uint32_t from = 0; from < index.blocks(); ++from) put(entry, from);
    }
    if (source.page == index.info().pages()) return absl::OkStatus();
    uint64_t bytes_read = 0;
    TAFFRAIL_RETURN_IF_ERROR(index.ReadPage(source.page++, source.entries, bytes_read));
    source.next = 0;
  }
}

absl::Status IdIndexWriter::Finish(const std::vector<uint32_t>& numbers, uint64_t offset, const Write& write,
                                   IdIndexInfo& info) {
  const auto blocks = static_cast<uint32_t>(numbers.size());
  const uint64_t most = EntriesAtMost();
  info = {};
  if (most == 0) return absl::OkStatus();
  info = ShapeFor(most, HashBits());
  info.offset = offset;
  SortByHash(collected_, 0, kIdHashBits);  // blocks were added in order
  const unsigned longer = kIdHashBits - info.hash_bits;
  const unsigned shift = info.hash_bits - info.page_bits;
  size_t next_collected = 0;
  std::string directory;
  std::string bytes;
  std::vector<IdEntry> entries;
  for (uint64_t page = 0; page < info.pages(); ++page) {
    entries.clear();
    const uint64_t end_hash = (page + 1) << shift;
    for (; next_collected < collected_.size(); ++next_collected) {
      const IdEntry entry = collected_[next_collected];
      const uint32_t hash = HashOf(entry) >> longer;
      if (hash >= end_hash) break;
      entries.push_back(MakeIdEntry(hash, numbers[BlockOf(entry)], HintOf(entry)));
    }
    for (auto& [index, source] : sources_) {
      TAFFRAIL_RETURN_IF_ERROR(TakeCopied(source, end_hash, info.hash_bits, numbers, entries));
    }
    SortPage(entries, shift);
    Tidy(entries, blocks);
    info.entries += entries.size();
    bytes.clear();
    AppendIdPage(entries,
                 {.page = page,
                  .first_hash = static_cast<uint32_t>(page << shift),
                  .rice_bits = info.rice_bits,
                  .blocks = blocks,
                  .hash_bits = info.hash_bits},
                 bytes);
    TAFFRAIL_RETURN_IF_ERROR(write(bytes));
    info.bytes += bytes.size();
    base::PutFixed<uint64_t>(directory, info.bytes);
  }
  info.bytes += directory.size();
  collected_ = {};
  sources_.clear();
  return write(directory);
}

}  // namespace taffrail::store
