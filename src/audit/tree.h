// A tree that grows: the right edge of every level, which is all that the next entry and the root need.
//
//   level 1 (256 entries a hash)   [h0 h1 … h41]          hashes from a tile's beginning on;
//   level 0 (leaves)               [… 17 hashes]          what is written to tiles may be forgotten
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "audit/hash.h"
#include "audit/tile.h"

namespace taffrail::audit {

class GrowingTree {
 public:
  void Append(const Hash& leaf);
  uint64_t size() const { return size_; }
  Hash Root() const;

  // The hashes of one tile as the tree stands. REQUIRES: not forgotten, width as WidthOf says or less.
  std::vector<Hash> HashesOf(const Tile& tile) const;
  // Drops full tiles whose entries all lie below `size`.
  void ForgetFullTiles(uint64_t size);

  // Continues a tree whose right-edge tiles are at hand: `edges[level]` are the hashes of the level's last,
  // partial tile (empty when there is none).
  static GrowingTree Resume(uint64_t size, std::array<std::vector<Hash>, kTileLevels> edges);

 private:
  struct Level {
    uint64_t first = 0;  // index of hashes[0], a multiple of 256
    std::vector<Hash> hashes;
  };
  uint64_t size_ = 0;
  std::array<Level, kTileLevels> levels_;
};

// The root of a tree of `size` entries from the partial tiles of its right edge, as Resume takes them.
Hash RootOfEdges(const std::array<std::vector<Hash>, kTileLevels>& edges);

}  // namespace taffrail::audit
