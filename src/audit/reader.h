// Reads a log laid out in tiles, wherever they lie, and builds proofs from it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "audit/hash.h"
#include "audit/proof.h"
#include "audit/tile.h"
#include "base/status.h"

namespace taffrail::audit {

// Where tiles come from: a directory, a server, memory.
class Source {
 public:
  virtual ~Source() = default;
  // The bytes at this path of the layout ("checkpoint", "tile/0/000"). NotFound when there is nothing.
  virtual absl::StatusOr<std::string> Read(const std::string& path) = 0;
};

// A tile of the tree of this size: its partial file, or else the first hashes of a wider one, as the layout
// allows once the log has grown. DataLoss: not that many hashes in it.
absl::StatusOr<std::vector<Hash>> ReadTile(Source& source, int level, uint64_t index, uint64_t tree_size);
// The same for entries: the bundle's bytes, of at least as many entries.
absl::StatusOr<std::string> ReadEntries(Source& source, uint64_t index, uint64_t tree_size);
// Entry number `index`.
absl::StatusOr<std::string> ReadEntry(Source& source, uint64_t index, uint64_t tree_size);

// Proofs in a tree of `size` entries. What they are worth is for VerifyInclusion to say: tiles may lie.
class ProofBuilder {
 public:
  ProofBuilder(Source& source, uint64_t size) : source_(source), size_(size) {}

  absl::StatusOr<Proof> Inclusion(uint64_t index);    // REQUIRES: index < size
  absl::StatusOr<Proof> Consistency(uint64_t size1);  // REQUIRES: 0 < size1 <= size
  absl::StatusOr<Hash> RootAt(uint64_t size);         // REQUIRES: size <= this tree's

 private:
  // Root of the entries [begin, end): begin is a multiple of the power of two that holds them.
  absl::StatusOr<Hash> Range(uint64_t begin, uint64_t end);
  absl::StatusOr<Hash> Complete(unsigned level, uint64_t index);  // of 2^level entries
  absl::Status AddSubproof(uint64_t size1, uint64_t begin, uint64_t end, bool whole, Proof& proof);

  Source& source_;
  const uint64_t size_;
  std::map<std::pair<int, uint64_t>, std::vector<Hash>> tiles_;  // a proof needs a few of each level
};

}  // namespace taffrail::audit
