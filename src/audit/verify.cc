#include "audit/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "audit/bundle_check.h"
#include "audit/resolve.h"
#include "audit/tree.h"

namespace taffrail::audit {
namespace {

// To say where a misplaced record belongs takes a table of all leaves: 32 bytes for each.
constexpr uint64_t kMaxLocated = uint64_t{1} << 24;

class LogVerifier {
 public:
  LogVerifier(Source& source, const VerifyOptions& options) : source_(source), options_(options) {}

  VerifyReport Run() {
    if (!ReadCheckpoint()) return std::move(report_);
    ReadLeaves();
    for (int level = 1; LevelSize(level, size_) > 0; ++level) ReadLevel(level);
    if (size_ > 0) {
      ChooseEdges();
      for (int level = Top(); level >= 1; --level) JudgeLevel(level);
      JudgeLeaves();
    }
    CheckKept();
    return std::move(report_);
  }

 private:
  // Both accounts of a level's hashes, and the one to believe (by index; absent: nobody knows).
  struct Level {
    MaybeHashes stored;
    MaybeHashes computed;
    MaybeHashes authentic;
  };

  void Add(Finding finding) {
    if (report_.findings.size() < options_.max_findings) {
      report_.findings.push_back(std::move(finding));
    } else {
      ++report_.findings_left_out;
    }
  }
  static std::string Path(int level, uint64_t index, uint32_t width) {
    return TilePath({level, index, width});
  }
  static const MaybeHash& Either(const MaybeHash& first, const MaybeHash& second) {
    return first ? first : second;
  }
  int Top() const {
    int level = 0;
    while (level + 1 < static_cast<int>(kTileLevels) && LevelSize(level + 1, size_) > 0) ++level;
    return level;
  }
  uint64_t Bundles() const { return (size_ + kTileWidth - 1) / kTileWidth; }
  bool Pruned(uint64_t tile) const { return (tile + 1) * kTileWidth <= options_.first_record; }

  // False when there is nothing to go by.
  bool ReadCheckpoint() {
    const absl::StatusOr<std::string> bytes = source_.Read("checkpoint");
    absl::StatusOr<SignedCheckpoint> parsed = bytes.ok() ? ParseCheckpoint(*bytes) : bytes.status();
    if (!parsed.ok()) {
      Add({Fault::kCheckpoint, "checkpoint", 0, 0, std::string(parsed.status().message())});
      return false;
    }
    report_.checkpoint = *std::move(parsed);
    size_ = report_.checkpoint.checkpoint.size;
    const std::string& origin =
        options_.origin.empty() ? report_.checkpoint.checkpoint.origin : options_.origin;
    const absl::Status status = OpenCheckpoint(*bytes, options_.keys, origin).status();
    report_.checkpoint_trusted = status.ok();
    if (!status.ok()) Add({Fault::kCheckpoint, "checkpoint", 0, 0, std::string(status.message())});
    CheckWitnesses(report_.checkpoint.note);
    // A size that nobody signed must not make us look for 2^64 files: there must be a last bundle at least.
    if (size_ == 0) return true;
    const absl::Status last = ReadEntries(source_, (size_ - 1) / kTileWidth, size_).status();
    constexpr uint64_t kMaxUnsigned = uint64_t{1} << 32;  // memory is taken by the size
    if (status.ok() || (last.ok() && size_ <= kMaxUnsigned)) return true;
    Add({Fault::kMissing, Path(kEntriesLevel, (size_ - 1) / kTileWidth, kTileWidth), size_ - 1, 1,
         fmt::format("the last of {} records that the checkpoint claims is not there", size_)});
    return false;
  }

  void CheckWitnesses(const Note& note) {
    size_t cosigned = 0;
    for (const PublicKey& witness : options_.witnesses) {
      for (const NoteSignature& signature : note.signatures) {
        if (!VerifySignature(note.text, signature, witness)) continue;
        ++cosigned;
        break;
      }
    }
    if (cosigned >= options_.witnesses_needed) return;
    report_.checkpoint_trusted = false;
    Add({Fault::kCheckpoint, "checkpoint", 0, 0,
         fmt::format("{} of the witnesses cosigned it, and {} must", cosigned, options_.witnesses_needed)});
  }

  // One pass over the entries and the tiles of their hashes. Most agree and need no second look.
  void ReadLeaves() {
    Level& parents = levels_[1];
    parents.computed.resize(LevelSize(1, size_));
    for (uint64_t k = 0; k < Bundles(); ++k) {
      if (Pruned(k)) continue;
      const uint32_t width = WidthOf(0, k, size_);
      const std::optional<FoundBundle> found = Bundle(k, &report_.bytes, /*report=*/true);
      const std::optional<std::vector<Hash>> stored = StoredTile(0, k, /*report=*/true);
      const bool readable = found && found->damage.empty() && found->leaves.size() == width;
      if (found) report_.records += std::min<uint64_t>(found->leaves.size(), width);
      if (!readable || !stored || found->leaves != *stored) doubtful_.push_back(k);
      if (width == kTileWidth && (readable || stored)) {
        parents.computed[k] = RootOf(readable ? found->leaves : *stored);
      }
      if (options_.progress) options_.progress(std::min(size_, (k + 1) * kTileWidth), size_);
    }
  }

  std::optional<FoundBundle> Bundle(uint64_t k, uint64_t* bytes, bool report) {
    const uint32_t width = WidthOf(0, k, size_);
    const absl::StatusOr<std::string> read = ReadEntries(source_, k, size_);
    if (!read.ok()) {
      if (report) {
        Add({Fault::kMissing, Path(kEntriesLevel, k, width), k * kTileWidth, width,
             fmt::format("the bundle with records {} to {} cannot be read: {}", k * kTileWidth,
                         k * kTileWidth + width - 1, std::string(read.status().message()))});
      }
      return std::nullopt;
    }
    const bool wider = width != kTileWidth && !source_.Read(Path(kEntriesLevel, k, width)).ok();
    return HashBundle(*read, width, wider, bytes);
  }

  std::optional<std::vector<Hash>> StoredTile(int level, uint64_t index, bool report) {
    absl::StatusOr<std::vector<Hash>> hashes = ReadTile(source_, level, index, size_);
    const uint32_t width = WidthOf(level, index, size_);
    const std::string path = Path(level, index, width);
    if (hashes.ok()) {
      if (!report || width == kTileWidth) return *std::move(hashes);
      // A partial tile's own file has exactly its hashes.
      const absl::StatusOr<std::string> own = source_.Read(path);
      if (!own.ok() || own->size() == width * kHashBytes) return *std::move(hashes);
      Add({Fault::kTile, path, First(level, index), Count(level, index),
           fmt::format("the tile has {} bytes, and its {} hashes are {}", own->size(), width,
                       width * kHashBytes)});
      return *std::move(hashes);
    }
    if (report) {
      Add({absl::IsNotFound(hashes.status()) ? Fault::kMissing : Fault::kTile, path, First(level, index),
           Count(level, index),
           fmt::format("the tile cannot be read: {}", std::string(hashes.status().message()))});
    }
    return std::nullopt;
  }

  static uint64_t Span(int level) { return uint64_t{1} << (kTileHeight * static_cast<unsigned>(level)); }
  static uint64_t First(int level, uint64_t tile) { return tile * kTileWidth * Span(level); }
  uint64_t Count(int level, uint64_t tile) const { return WidthOf(level, tile, size_) * Span(level); }

  // The hashes of a level as its tiles have them, and the roots of its tiles for the level above.
  void ReadLevel(int number) {
    Level& level = levels_[number];
    const uint64_t count = LevelSize(number, size_);
    level.stored.resize(count);
    level.computed.resize(count);
    for (uint64_t first = 0; first < count; first += kTileWidth) {
      const std::optional<std::vector<Hash>> stored = StoredTile(number, first / kTileWidth, /*report=*/true);
      if (stored)
        std::copy(stored->begin(), stored->end(), level.stored.begin() + static_cast<ptrdiff_t>(first));
    }
    Level& parents = levels_[number + 1];
    parents.computed.resize(LevelSize(number + 1, size_));
    for (uint64_t k = 0; k < parents.computed.size(); ++k) {
      std::vector<Hash> hashes;
      for (uint64_t i = k * kTileWidth; i < (k + 1) * kTileWidth; ++i) {
        const MaybeHash& hash = Either(level.computed[i], level.stored[i]);
        if (hash) hashes.push_back(*hash);
      }
      if (hashes.size() == kTileWidth) parents.computed[k] = RootOf(hashes);
    }
  }

  // The right edge of all levels leads to the root: finds the account of it that does.
  void ChooseEdges() {
    MaybeHashes stored;
    MaybeHashes computed;
    for (int level = 0; level <= Top(); ++level) {
      const uint64_t count = LevelSize(level, size_);
      const uint64_t width = count % kTileWidth;
      MaybeHashes leaf_stored;
      MaybeHashes leaf_computed;
      if (level == 0) LeafAccounts(size_ / kTileWidth, leaf_stored, leaf_computed);
      for (uint64_t i = count - width; i < count; ++i) {
        const size_t place = i - (count - width);
        stored.push_back(level == 0 ? leaf_stored[place] : levels_[level].stored[i]);
        computed.push_back(level == 0 ? leaf_computed[place] : levels_[level].computed[i]);
      }
    }
    const auto leads_to_root = [this](std::span<const Hash> hashes) {
      std::array<std::vector<Hash>, kTileLevels> edges;
      for (int level = 0; level <= Top(); ++level) {
        const size_t width = LevelSize(level, size_) % kTileWidth;
        edges[static_cast<size_t>(level)].assign(hashes.begin(),
                                                 hashes.begin() + static_cast<ptrdiff_t>(width));
        hashes = hashes.subspan(width);
      }
      return RootOfEdges(edges) == report_.checkpoint.checkpoint.root;
    };
    const std::optional<std::vector<Hash>> chosen = Resolve(stored, computed, leads_to_root);
    if (!chosen && report_.checkpoint_trusted) {
      Add({Fault::kRoot, "checkpoint", 0, size_,
           "nothing in the files leads to the root of the checkpoint: they belong to another history, or too "
           "much of them was altered"});
    }
    size_t at = 0;
    for (int level = 0; level <= Top(); ++level) {
      const uint64_t count = LevelSize(level, size_);
      levels_[level].authentic.resize(level == 0 ? 0 : count);
      for (uint64_t i = count - count % kTileWidth; i < count; ++i, ++at) {
        // Without a root to go by, tiles are believed: what differs from them is named.
        const MaybeHash hash = chosen ? MaybeHash((*chosen)[at]) : Either(stored[at], computed[at]);
        if (level == 0) {
          edge_leaves_.push_back(hash);
        } else {
          levels_[level].authentic[i] = hash;
        }
      }
    }
  }

  void LeafAccounts(uint64_t k, MaybeHashes& stored, MaybeHashes& computed) {
    const uint32_t width = WidthOf(0, k, size_);
    stored.assign(width, std::nullopt);
    computed.assign(width, std::nullopt);
    if (width == 0) return;
    uint64_t ignored = 0;
    const std::optional<std::vector<Hash>> tile = StoredTile(0, k, /*report=*/false);
    const std::optional<FoundBundle> bundle = Bundle(k, &ignored, /*report=*/false);
    for (size_t i = 0; i < width; ++i) {
      if (tile) stored[i] = (*tile)[i];
      if (bundle && bundle->leaves.size() == width) computed[i] = bundle->leaves[i];
    }
  }

  // Full tiles of a level against their hash one level up, then every hash against the one to believe.
  void JudgeLevel(int number) {
    Level& level = levels_[number];
    const MaybeHashes& parents = levels_[number + 1].authentic;
    const uint64_t count = LevelSize(number, size_);
    for (uint64_t k = 0; k < count / kTileWidth; ++k) {
      const auto begin = static_cast<ptrdiff_t>(k * kTileWidth);
      const MaybeHashes stored(level.stored.begin() + begin, level.stored.begin() + begin + kTileWidth);
      const MaybeHashes computed(level.computed.begin() + begin, level.computed.begin() + begin + kTileWidth);
      std::optional<std::vector<Hash>> chosen;
      if (k < parents.size() && parents[k]) {
        chosen = Resolve(stored, computed,
                         [&](std::span<const Hash> hashes) { return RootOf(hashes) == *parents[k]; });
        if (!chosen) {
          Add({Fault::kTile, Path(number, k, kTileWidth), First(number, k), Count(number, k),
               "neither the tile nor what lies below it leads to the hash above it"});
        }
      }
      for (size_t i = 0; i < kTileWidth; ++i) {
        level.authentic[k * kTileWidth + i] =
            chosen ? MaybeHash((*chosen)[i]) : Either(stored[i], computed[i]);
      }
    }
    for (uint64_t i = 0; i < count; ++i) {
      if (!level.stored[i] || !level.authentic[i] || *level.stored[i] == *level.authentic[i]) continue;
      Add({Fault::kTile, Path(number, i / kTileWidth, WidthOf(number, i / kTileWidth, size_)),
           i * Span(number), Span(number),
           fmt::format("hash {} of the tile, over records {} to {}, is not the one that was written",
                       i % kTileWidth, i * Span(number), (i + 1) * Span(number) - 1)});
    }
  }

  // The leaf hashes of bundle k that lead to what is signed; nothing when no account of them does.
  std::optional<std::vector<Hash>> AuthenticLeaves(uint64_t k) {
    const uint32_t width = WidthOf(0, k, size_);
    if (width < kTileWidth) {
      std::vector<Hash> leaves;
      for (const MaybeHash& hash : edge_leaves_) {
        if (hash) leaves.push_back(*hash);
      }
      return leaves.size() == width ? std::optional(leaves) : std::nullopt;
    }
    MaybeHashes stored;
    MaybeHashes computed;
    LeafAccounts(k, stored, computed);
    const MaybeHash& parent = levels_[1].authentic[k];
    const auto authentic = [&](std::span<const Hash> hashes) { return parent && RootOf(hashes) == *parent; };
    return Resolve(stored, computed, authentic);
  }

  void JudgeLeaves() {
    // Bundles whose entries and tile agree with each other may still disagree with what is above them.
    for (uint64_t k = 0; k < LevelSize(1, size_); ++k) {
      const MaybeHash& above = levels_[1].authentic[k];
      const MaybeHash& below = levels_[1].computed[k];
      if (above && below && *above != *below) doubtful_.push_back(k);
    }
    std::sort(doubtful_.begin(), doubtful_.end());
    doubtful_.erase(std::unique(doubtful_.begin(), doubtful_.end()), doubtful_.end());
    for (const uint64_t k : doubtful_) JudgeBundle(k);
  }

  void JudgeBundle(uint64_t k) {
    const uint32_t width = WidthOf(0, k, size_);
    const std::optional<std::vector<Hash>> tile = StoredTile(0, k, /*report=*/false);
    std::optional<std::vector<Hash>> expected = AuthenticLeaves(k);
    if (!expected) {
      Add({Fault::kRoot, Path(kEntriesLevel, k, width), k * kTileWidth, width,
           fmt::format("records {} to {} and their tile do not lead to the hash above them", k * kTileWidth,
                       k * kTileWidth + width - 1)});
      expected = tile;  // what differs from the tile is named all the same
    }
    if (!expected) return;
    for (size_t i = 0; tile && i < width; ++i) {
      if ((*tile)[i] == (*expected)[i]) continue;
      Add({Fault::kTile, Path(0, k, width), k * kTileWidth + i, 1,
           fmt::format("hash {} of the tile, of record {}, is not the one that was written", i,
                       k * kTileWidth + i)});
    }
    uint64_t ignored = 0;
    const std::optional<FoundBundle> found = Bundle(k, &ignored, /*report=*/false);
    if (!found) return;
    const auto find = [this](const Hash& leaf) { return Locate(leaf); };
    for (Finding& finding :
         ExplainBundle(Path(kEntriesLevel, k, width), k * kTileWidth, *expected, *found, find)) {
      Add(std::move(finding));
    }
  }

  // Where a leaf stands according to the tiles.
  std::optional<uint64_t> Locate(const Hash& leaf) {
    const auto key = [](const Hash& hash) {
      uint64_t bits = 0;
      std::memcpy(&bits, hash.data(), sizeof(bits));
      return bits;
    };
    if (places_ == nullptr) {
      places_ = std::make_unique<std::unordered_map<uint64_t, uint64_t>>();
      for (uint64_t k = 0; size_ <= kMaxLocated && k < Bundles(); ++k) {
        if (Pruned(k)) continue;
        const std::optional<std::vector<Hash>> tile = StoredTile(0, k, /*report=*/false);
        for (size_t i = 0; tile && i < tile->size(); ++i)
          places_->emplace(key((*tile)[i]), k * kTileWidth + i);
      }
    }
    const auto found = places_->find(key(leaf));
    return found == places_->end() ? std::nullopt : std::optional(found->second);
  }

  // The root that the log had at this size, from hashes that are believed.
  MaybeHash RootAt(uint64_t size) {
    std::array<std::vector<Hash>, kTileLevels> edges;
    const uint64_t leaves = size % kTileWidth;
    if (leaves != 0) {
      const std::optional<std::vector<Hash>> bundle = AuthenticLeaves(size / kTileWidth);
      if (!bundle) return std::nullopt;
      edges[0].assign(bundle->begin(), bundle->begin() + static_cast<ptrdiff_t>(leaves));
    }
    for (int level = 1; LevelSize(level, size) > 0; ++level) {
      const uint64_t count = LevelSize(level, size);
      for (uint64_t i = count - count % kTileWidth; i < count; ++i) {
        if (!levels_[level].authentic[i]) return std::nullopt;
        edges[static_cast<size_t>(level)].push_back(*levels_[level].authentic[i]);
      }
    }
    return RootOfEdges(edges);
  }

  void CheckKept() {
    uint64_t agreed = 0;  // the largest size at which history is known to be the same
    std::vector<std::pair<uint64_t, const KeptCheckpoint*>> forks;
    for (const KeptCheckpoint& kept : options_.kept) {
      const absl::StatusOr<SignedCheckpoint> opened =
          OpenCheckpoint(kept.bytes, options_.keys, report_.checkpoint.checkpoint.origin);
      if (!opened.ok()) {
        Add({Fault::kCheckpoint, kept.name, 0, 0, std::string(opened.status().message())});
        continue;
      }
      const Checkpoint& old = opened->checkpoint;
      if (old.size > size_) {
        Add({Fault::kTruncated, kept.name, size_, old.size - size_,
             fmt::format("the log ends after {} records, and {} were signed: records {} to {} are gone",
                         size_, old.size, size_, old.size - 1)});
        continue;
      }
      const MaybeHash root = RootAt(old.size);
      if (!root) continue;  // what it would take was pruned, or is named already
      if (*root == old.root) {
        agreed = std::max(agreed, old.size);
      } else {
        forks.emplace_back(old.size, &kept);
      }
    }
    std::sort(forks.begin(), forks.end());
    for (const auto& [size, kept] : forks) {
      const uint64_t from = agreed < size ? agreed : 0;
      Add({Fault::kForked, kept->name, from, size - from,
           fmt::format("another history was signed for the first {} records: it differs from this one "
                       "somewhere from record {} on",
                       size, from)});
    }
  }

  Source& source_;
  const VerifyOptions& options_;
  VerifyReport report_;
  uint64_t size_ = 0;
  Level levels_[kTileLevels + 2];   // [0] is unused: leaves are read again where they matter
  MaybeHashes edge_leaves_;         // of the partial bundle
  std::vector<uint64_t> doubtful_;  // bundles that are not plainly whole
  std::unique_ptr<std::unordered_map<uint64_t, uint64_t>> places_;
};

}  // namespace

std::string_view NameOf(Fault fault) {
  switch (fault) {
    case Fault::kCheckpoint:
      return "checkpoint";
    case Fault::kMissing:
      return "missing";
    case Fault::kChanged:
      return "changed";
    case Fault::kDeleted:
      return "deleted";
    case Fault::kInserted:
      return "inserted";
    case Fault::kMoved:
      return "moved";
    case Fault::kBundle:
      return "unreadable";
    case Fault::kTile:
      return "tile";
    case Fault::kTruncated:
      return "truncated";
    case Fault::kForked:
      return "forked";
    case Fault::kRoot:
      return "root";
  }
  return "root";
}

VerifyReport VerifyLog(Source& source, const VerifyOptions& options) {
  return LogVerifier(source, options).Run();
}

}  // namespace taffrail::audit
