// The ids of a block, as hashes, with the rows that have them: what the writer of a part hears while a block
// is encoded.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace taffrail::store {

// An id, and the first and last of the rows that it was found in.
struct IdRows {
  uint64_t hash = 0;  // XXH3
  uint32_t first = 0;
  uint32_t last = 0;
  friend bool operator==(const IdRows&, const IdRows&) = default;
};

class IdHashes {
 public:
  // Every id (expr/words.h) of a text that rows from `first` to `last` have.
  void Add(std::string_view text, uint32_t first, uint32_t last);
  // The same for one id, by its hash.
  void AddHash(uint64_t hash, uint32_t first, uint32_t last);
  // How many ids were found in texts, with repetitions.
  size_t calls() const { return calls_; }
  // Each id that was added, at least once; starts anew.
  std::vector<IdRows> Take();

 private:
  size_t calls_ = 0;
  std::vector<IdRows> ids_;
  std::vector<uint32_t> recent_;  // by the low bits of the hash: its place in ids_, plus one
};

}  // namespace taffrail::store
