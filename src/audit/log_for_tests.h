// A whole log in memory, laid out in files, for tests.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/reader.h"
#include "audit/tree.h"

namespace taffrail::audit {

struct MapSource final : Source {
  absl::StatusOr<std::string> Read(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return absl::NotFoundError(path + ": no such file");
    return found->second;
  }
  std::map<std::string, std::string> files;
};

class LogForTests {
 public:
  explicit LogForTests(std::string origin = "example.com/log")
      : origin_(std::move(origin)),
        signer_(*PrivateKey::FromSeed(origin_, KeyType::kEd25519, std::string(32, '7'))) {}

  void Append(std::string entry) {
    tree_.Append(LeafHash(entry));
    entries_.push_back(std::move(entry));
  }

  // Writes all tiles and the checkpoint anew, from the entries; the checkpoint's bytes.
  std::string Publish() {
    files_.files.clear();
    const uint64_t size = entries_.size();
    for (int level = 0; LevelSize(level, size) > 0; ++level) {
      for (uint64_t k = 0; WidthOf(level, k, size) > 0; ++k) {
        const Tile tile{level, k, WidthOf(level, k, size)};
        files_.files[TilePath(tile)] = EncodeHashes(tree_.HashesOf(tile));
      }
    }
    for (uint64_t k = 0; WidthOf(kEntriesLevel, k, size) > 0; ++k) {
      const Tile tile{kEntriesLevel, k, WidthOf(kEntriesLevel, k, size)};
      std::string& bundle = files_.files[TilePath(tile)];
      for (uint32_t i = 0; i < tile.width; ++i) AppendEntry(entries_[k * kTileWidth + i], bundle);
    }
    const Checkpoint checkpoint{origin_, size, tree_.Root(), {}};
    Note note{checkpoint.ToText(), {}};
    note.signatures.push_back(*SignText(note.text, signer_));
    return files_.files["checkpoint"] = note.ToString();
  }

  const MapSource& files() const { return files_; }
  const PublicKey& key() const { return signer_.public_key(); }
  PrivateKey& signer() { return signer_; }
  const GrowingTree& tree() const { return tree_; }
  const std::vector<std::string>& entries() const { return entries_; }

 private:
  const std::string origin_;
  PrivateKey signer_;
  GrowingTree tree_;
  std::vector<std::string> entries_;
  MapSource files_;
};

}  // namespace taffrail::audit
