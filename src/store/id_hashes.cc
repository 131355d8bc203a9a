#include "store/id_hashes.h"

#include <utility>

#include "base/hash.h"
#include "expr/words.h"

namespace taffrail::store {
namespace {

// Lines of one request follow each other: a table of what was seen last, which fits the processor's cache,
// takes out most repetitions at a fraction of a hash set's cost.
constexpr size_t kRecentHashes = 16384;

}  // namespace

void IdHashes::Add(std::string_view text) {
  if (text.size() < expr::kMinIdBytes) return;
  if (recent_.empty()) recent_.resize(kRecentHashes);
  expr::ForEachId(text, [this](std::string_view id) {
    const uint64_t hash = base::Hash64(id);
    uint64_t& recent = recent_[hash % kRecentHashes];
    if (recent == hash) return;
    recent = hash;
    hashes_.push_back(hash);
  });
}

std::vector<uint64_t> IdHashes::Take() {
  recent_.assign(recent_.size(), 0);
  return std::exchange(hashes_, {});
}

}  // namespace taffrail::store
