#include "audit/tree.h"

#include <bit>
#include <cassert>
#include <optional>
#include <span>

namespace taffrail::audit {
namespace {

// Adds a level's last hashes, all roots of complete subtrees of one size, to the left of what lies below.
void JoinLeft(std::span<const Hash> hashes, std::optional<Hash>& right) {
  while (!hashes.empty()) {
    const size_t peak = size_t{1} << static_cast<unsigned>(std::countr_zero(hashes.size()));
    const Hash root = RootOf(hashes.last(peak));
    right = right ? NodeHash(root, *right) : root;
    hashes = hashes.first(hashes.size() - peak);
  }
}

}  // namespace

void GrowingTree::Append(const Hash& leaf) {
  Hash hash = leaf;
  ++size_;
  for (Level& level : levels_) {
    level.hashes.push_back(hash);
    if (level.hashes.size() % kTileWidth != 0) return;
    hash = RootOf(std::span(level.hashes).last(kTileWidth));
  }
}

Hash GrowingTree::Root() const {
  if (size_ == 0) return EmptyRoot();
  std::optional<Hash> right;
  for (const Level& level : levels_) {
    JoinLeft(std::span(level.hashes).last(level.hashes.size() % kTileWidth), right);
  }
  return *right;
}

std::vector<Hash> GrowingTree::HashesOf(const Tile& tile) const {
  const Level& level = levels_[static_cast<size_t>(tile.level)];
  const uint64_t begin = tile.index * kTileWidth;
  assert(begin >= level.first && begin - level.first + tile.width <= level.hashes.size());
  const auto at = level.hashes.begin() + static_cast<ptrdiff_t>(begin - level.first);
  return {at, at + tile.width};
}

void GrowingTree::ForgetFullTiles(uint64_t size) {
  for (int i = 0; i < static_cast<int>(kTileLevels); ++i) {
    Level& level = levels_[static_cast<size_t>(i)];
    const uint64_t keep_from = LevelSize(i, size) / kTileWidth * kTileWidth;
    if (keep_from <= level.first) continue;
    level.hashes.erase(level.hashes.begin(),
                       level.hashes.begin() + static_cast<ptrdiff_t>(keep_from - level.first));
    level.first = keep_from;
  }
}

GrowingTree GrowingTree::Resume(uint64_t size, std::array<std::vector<Hash>, kTileLevels> edges) {
  GrowingTree tree;
  tree.size_ = size;
  for (int i = 0; i < static_cast<int>(kTileLevels); ++i) {
    Level& level = tree.levels_[static_cast<size_t>(i)];
    level.first = LevelSize(i, size) / kTileWidth * kTileWidth;
    level.hashes = std::move(edges[static_cast<size_t>(i)]);
    assert(level.hashes.size() == LevelSize(i, size) % kTileWidth);
  }
  return tree;
}

Hash RootOfEdges(const std::array<std::vector<Hash>, kTileLevels>& edges) {
  std::optional<Hash> right;
  for (const std::vector<Hash>& hashes : edges) JoinLeft(hashes, right);
  return right ? *right : EmptyRoot();
}

}  // namespace taffrail::audit
