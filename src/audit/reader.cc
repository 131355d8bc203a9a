#include "audit/reader.h"

#include <fmt/format.h>

#include <bit>
#include <cassert>
#include <utility>

namespace taffrail::audit {
namespace {

absl::StatusOr<std::string> ReadWidest(Source& source, Tile tile) {
  absl::StatusOr<std::string> bytes = source.Read(TilePath(tile));
  if (!absl::IsNotFound(bytes.status()) || tile.width == kTileWidth) return bytes;
  Tile full = tile;
  full.width = kTileWidth;
  absl::StatusOr<std::string> whole = source.Read(TilePath(full));
  return absl::IsNotFound(whole.status()) ? bytes : whole;
}

// The largest power of two below a size of at least 2.
uint64_t SplitOf(uint64_t size) { return std::bit_floor(size - 1); }

}  // namespace

absl::StatusOr<std::vector<Hash>> ReadTile(Source& source, int level, uint64_t index, uint64_t tree_size) {
  const Tile tile{level, index, WidthOf(level, index, tree_size)};
  if (tile.width == 0) return absl::InternalError(fmt::format("no tile {} of level {}", index, level));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string bytes, ReadWidest(source, tile));
  absl::StatusOr<std::vector<Hash>> hashes = DecodeHashes(bytes);
  if (!hashes.ok() || hashes->size() < tile.width) {
    return absl::DataLossError(fmt::format("{}: {} bytes, and {} hashes of {} should be there",
                                           TilePath(tile), bytes.size(), tile.width, kHashBytes));
  }
  hashes->resize(tile.width);
  return hashes;
}

absl::StatusOr<std::string> ReadEntries(Source& source, uint64_t index, uint64_t tree_size) {
  const Tile tile{kEntriesLevel, index, WidthOf(kEntriesLevel, index, tree_size)};
  if (tile.width == 0) return absl::InternalError(fmt::format("no bundle {}", index));
  return ReadWidest(source, tile);
}

absl::StatusOr<std::string> ReadEntry(Source& source, uint64_t index, uint64_t tree_size) {
  if (index >= tree_size) {
    return absl::OutOfRangeError(fmt::format("record {} of a log of {}", index, tree_size));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string bundle, ReadEntries(source, index / kTileWidth, tree_size));
  const absl::StatusOr<std::vector<std::string_view>> entries = DecodeEntries(bundle);
  if (!entries.ok() || entries->size() <= index % kTileWidth) {
    return absl::DataLossError(
        fmt::format("{} does not hold record {}", TilePath({kEntriesLevel, index / kTileWidth}), index));
  }
  return std::string((*entries)[index % kTileWidth]);
}

absl::StatusOr<Hash> ProofBuilder::Complete(unsigned level, uint64_t index) {
  const int tile_level = static_cast<int>(level / kTileHeight);
  const unsigned rest = level % kTileHeight;
  const uint64_t first = index << rest;  // of the hashes on the tile's level
  const auto key = std::make_pair(tile_level, first / kTileWidth);
  auto found = tiles_.find(key);
  if (found == tiles_.end()) {
    TAFFRAIL_ASSIGN_OR_RETURN(std::vector<Hash> hashes, ReadTile(source_, key.first, key.second, size_));
    found = tiles_.emplace(key, std::move(hashes)).first;
  }
  return RootOf(std::span(found->second).subspan(first % kTileWidth, size_t{1} << rest));
}

absl::StatusOr<Hash> ProofBuilder::Range(uint64_t begin, uint64_t end) {
  assert(begin < end);
  const uint64_t count = end - begin;
  if (std::has_single_bit(count)) {
    const auto level = static_cast<unsigned>(std::countr_zero(count));
    return Complete(level, begin >> level);
  }
  const uint64_t middle = begin + SplitOf(count);
  TAFFRAIL_ASSIGN_OR_RETURN(const Hash left, Range(begin, middle));
  TAFFRAIL_ASSIGN_OR_RETURN(const Hash right, Range(middle, end));
  return NodeHash(left, right);
}

absl::StatusOr<Hash> ProofBuilder::RootAt(uint64_t size) {
  assert(size <= size_);
  if (size == 0) return EmptyRoot();
  return Range(0, size);
}

absl::StatusOr<Proof> ProofBuilder::Inclusion(uint64_t index) {
  assert(index < size_);
  Proof proof;
  uint64_t begin = 0;
  uint64_t end = size_;
  while (end - begin > 1) {  // from the root down; the proof goes up
    const uint64_t middle = begin + SplitOf(end - begin);
    const bool left = index < middle;
    TAFFRAIL_ASSIGN_OR_RETURN(const Hash sibling, left ? Range(middle, end) : Range(begin, middle));
    proof.push_back(sibling);
    (left ? end : begin) = middle;
  }
  return Proof(proof.rbegin(), proof.rend());
}

absl::Status ProofBuilder::AddSubproof(uint64_t size1, uint64_t begin, uint64_t end, bool whole,
                                       Proof& proof) {
  if (size1 == end) {
    if (whole) return absl::OkStatus();  // the verifier has it: it is the old root
    TAFFRAIL_ASSIGN_OR_RETURN(const Hash hash, Range(begin, end));
    proof.push_back(hash);
    return absl::OkStatus();
  }
  const uint64_t middle = begin + SplitOf(end - begin);
  const bool left = size1 <= middle;
  TAFFRAIL_RETURN_IF_ERROR(left ? AddSubproof(size1, begin, middle, whole, proof)
                                : AddSubproof(size1, middle, end, false, proof));
  TAFFRAIL_ASSIGN_OR_RETURN(const Hash sibling, left ? Range(middle, end) : Range(begin, middle));
  proof.push_back(sibling);
  return absl::OkStatus();
}

absl::StatusOr<Proof> ProofBuilder::Consistency(uint64_t size1) {
  assert(size1 > 0 && size1 <= size_);
  Proof proof;
  TAFFRAIL_RETURN_IF_ERROR(AddSubproof(size1, 0, size_, true, proof));
  return proof;
}

}  // namespace taffrail::audit
