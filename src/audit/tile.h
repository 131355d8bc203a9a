// Tiles and entry bundles: how a tree lies in files (C2SP tlog-tiles, docs/format/ledger.md).
//
//   tile/<level>/<n>[.p/<width>]     hash i of tile n at level L is the root of the 256^L entries from
//                                    (n * 256 + i) * 256^L on; 256 hashes, 8192 bytes, or fewer at the right
//                                    edge
//   tile/entries/<n>[.p/<width>]     256 entries: u16 (big-endian) length | bytes, again and again
//
// n is written in groups of three digits, all but the last with an x before: 1234067 is x001/x234/067.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/hash.h"
#include "base/status.h"

namespace taffrail::audit {

inline constexpr uint64_t kTileWidth = 256;
inline constexpr unsigned kTileHeight = 8;  // binary levels in one tile
inline constexpr unsigned kTileLevels = 8;  // 256^8 is more entries than a size can say
inline constexpr size_t kMaxEntryBytes = 65535;
inline constexpr size_t kMaxBundleBytes = kTileWidth * (2 + kMaxEntryBytes);

inline constexpr int kEntriesLevel = -1;  // "entries" where a level stands

struct Tile {
  int level = 0;  // kEntriesLevel: a bundle of entries
  uint64_t index = 0;
  uint32_t width = kTileWidth;  // 1 to 256

  friend bool operator==(const Tile&, const Tile&) = default;
};

std::string TilePath(const Tile& tile);
// The one path of each tile, and nothing else: no "..", no second spelling.
std::optional<Tile> ParseTilePath(std::string_view path);

// How many hashes (or entries) the level has in a tree of this size, and how wide a tile of it is.
uint64_t LevelSize(int level, uint64_t tree_size);
uint32_t WidthOf(int level, uint64_t tile_index, uint64_t tree_size);

std::string EncodeHashes(std::span<const Hash> hashes);
absl::StatusOr<std::vector<Hash>> DecodeHashes(std::string_view bytes);  // InvalidArgument: not whole hashes

// REQUIRES: entry.size() <= kMaxEntryBytes.
void AppendEntry(std::string_view entry, std::string& bundle);
// The entries, borrowed from the bundle. InvalidArgument, naming the entry: cut off, or more than 256.
absl::StatusOr<std::vector<std::string_view>> DecodeEntries(std::string_view bundle);

}  // namespace taffrail::audit
