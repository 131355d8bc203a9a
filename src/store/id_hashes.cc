#include "store/id_hashes.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "expr/words.h"

namespace taffrail::store {
namespace {

// Lines of one request follow each other: a table of what was seen last, which fits the processor's cache,
// takes out most repetitions at a fraction of a hash set's cost.
constexpr size_t kRecentHashes = 16384;

}  // namespace

void IdHashes::Add(std::string_view text, uint32_t first, uint32_t last) {
  if (text.size() < expr::kMinIdBytes) return;
  expr::ForEachId(text, [&](std::string_view id) { AddHash(base::Hash64(id), first, last); });
}

void IdHashes::AddHash(uint64_t hash, uint32_t first, uint32_t last) {
  ++calls_;
  if (recent_.empty()) recent_.resize(kRecentHashes);
  uint32_t& place = recent_[hash % kRecentHashes];
  if (place != 0 && ids_[place - 1].hash == hash) {
    IdRows& known = ids_[place - 1];
    known.first = std::min(known.first, first);
    known.last = std::max(known.last, last);
    return;
  }
  ids_.push_back({hash, first, last});
  place = static_cast<uint32_t>(ids_.size());
}

std::vector<IdRows> IdHashes::Take() {
  recent_.assign(recent_.size(), 0);
  return std::exchange(ids_, {});
}

}  // namespace taffrail::store
