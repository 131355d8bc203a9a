// The ids of a block, as hashes: what the writer of a part hears while a block is encoded.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace taffrail::store {

class IdHashes {
 public:
  void Add(std::string_view text);  // every id (expr/words.h) in it
  // XXH3 of each id that was added, at least once; starts anew.
  std::vector<uint64_t> Take();

 private:
  std::vector<uint64_t> hashes_;
  std::vector<uint64_t> recent_;  // by the low bits of the hash
};

}  // namespace taffrail::store
