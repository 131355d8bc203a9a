#include "audit/tile.h"

#include <fmt/format.h>

#include <cassert>
#include <limits>

namespace taffrail::audit {
namespace {

std::optional<uint64_t> ParseIndex(std::string_view text) {
  uint64_t index = 0;
  bool first = true;
  while (true) {
    const bool more = text.starts_with('x');
    if (more) text.remove_prefix(1);
    if (text.size() < 3) return std::nullopt;
    uint64_t group = 0;
    for (const char c : text.substr(0, 3)) {
      if (c < '0' || c > '9') return std::nullopt;
      group = group * 10 + static_cast<uint64_t>(c - '0');
    }
    if (first && more && group == 0) return std::nullopt;  // a group of leading zeros
    if (index > (std::numeric_limits<uint64_t>::max() - group) / 1000) return std::nullopt;
    index = index * 1000 + group;
    first = false;
    text.remove_prefix(3);
    if (!more) return text.empty() ? std::optional(index) : std::nullopt;
    if (!text.starts_with('/')) return std::nullopt;
    text.remove_prefix(1);
  }
}

}  // namespace

std::string TilePath(const Tile& tile) {
  std::string index = fmt::format("{:03}", tile.index % 1000);
  for (uint64_t rest = tile.index / 1000; rest != 0; rest /= 1000) {
    index = fmt::format("x{:03}/{}", rest % 1000, index);
  }
  const std::string level = tile.level == kEntriesLevel ? "entries" : fmt::format("{}", tile.level);
  if (tile.width == kTileWidth) return fmt::format("tile/{}/{}", level, index);
  return fmt::format("tile/{}/{}.p/{}", level, index, tile.width);
}

std::optional<Tile> ParseTilePath(std::string_view path) {
  constexpr std::string_view kPrefix = "tile/";
  if (!path.starts_with(kPrefix)) return std::nullopt;
  path.remove_prefix(kPrefix.size());
  const size_t slash = path.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  Tile tile;
  const std::string_view level = path.substr(0, slash);
  if (level == "entries") {
    tile.level = kEntriesLevel;
  } else {
    const std::optional<uint64_t> number = ParseDecimal(level);
    if (!number || *number > 63) return std::nullopt;
    tile.level = static_cast<int>(*number);
  }
  path.remove_prefix(slash + 1);
  const size_t partial = path.find(".p/");
  if (partial != std::string_view::npos) {
    const std::optional<uint64_t> width = ParseDecimal(path.substr(partial + 3));
    if (!width || *width == 0 || *width >= kTileWidth) return std::nullopt;
    tile.width = static_cast<uint32_t>(*width);
    path = path.substr(0, partial);
  }
  const std::optional<uint64_t> index = ParseIndex(path);
  if (!index) return std::nullopt;
  tile.index = *index;
  return tile;
}

uint64_t LevelSize(int level, uint64_t tree_size) {
  if (level <= 0) return tree_size;
  const unsigned shift = kTileHeight * static_cast<unsigned>(level);
  return shift >= 64 ? 0 : tree_size >> shift;
}

uint32_t WidthOf(int level, uint64_t tile_index, uint64_t tree_size) {
  const uint64_t hashes = LevelSize(level, tree_size);
  if (tile_index > hashes / kTileWidth) return 0;
  const uint64_t rest = hashes - tile_index * kTileWidth;
  return static_cast<uint32_t>(rest < kTileWidth ? rest : kTileWidth);
}

std::string EncodeHashes(std::span<const Hash> hashes) {
  std::string bytes;
  bytes.reserve(hashes.size() * kHashBytes);
  for (const Hash& hash : hashes) bytes.append(AsBytes(hash));
  return bytes;
}

absl::StatusOr<std::vector<Hash>> DecodeHashes(std::string_view bytes) {
  if (bytes.size() % kHashBytes != 0 || bytes.empty() || bytes.size() > kTileWidth * kHashBytes) {
    return absl::InvalidArgumentError(fmt::format("{} bytes are no tile: it has 1 to {} hashes of {} bytes",
                                                  bytes.size(), kTileWidth, kHashBytes));
  }
  std::vector<Hash> hashes;
  hashes.reserve(bytes.size() / kHashBytes);
  for (size_t at = 0; at < bytes.size(); at += kHashBytes) {
    hashes.push_back(*HashFromBytes(bytes.substr(at, kHashBytes)));
  }
  return hashes;
}

void AppendEntry(std::string_view entry, std::string& bundle) {
  assert(entry.size() <= kMaxEntryBytes);
  bundle += static_cast<char>(entry.size() >> 8U);
  bundle += static_cast<char>(entry.size() & 255U);
  bundle.append(entry);
}

absl::StatusOr<std::vector<std::string_view>> DecodeEntries(std::string_view bundle) {
  std::vector<std::string_view> entries;
  while (!bundle.empty()) {
    if (entries.size() == kTileWidth) {
      return absl::InvalidArgumentError(
          fmt::format("{} bytes follow the last of {} entries", bundle.size(), kTileWidth));
    }
    const size_t size = bundle.size() < 2 ? SIZE_MAX
                                          : static_cast<size_t>(static_cast<uint8_t>(bundle[0])) * 256 +
                                                static_cast<uint8_t>(bundle[1]);
    if (size > bundle.size() - std::min<size_t>(bundle.size(), 2)) {
      return absl::InvalidArgumentError(fmt::format("entry {} is cut off", entries.size()));
    }
    entries.push_back(bundle.substr(2, size));
    bundle.remove_prefix(2 + size);
  }
  return entries;
}

}  // namespace taffrail::audit
