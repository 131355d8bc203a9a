#include "audit/resolve.h"

#include <cassert>
#include <cstdint>

namespace taffrail::audit {
namespace {

// 2^8 roots of 256 hashes are some 10 ms; an attacker who changes more in one tile is found all the same,
// with less said about how.
constexpr size_t kMaxChoices = 8;

}  // namespace

std::optional<std::vector<Hash>> Resolve(const MaybeHashes& stored, const MaybeHashes& computed,
                                         const std::function<bool(std::span<const Hash>)>& authentic) {
  assert(stored.size() == computed.size());
  std::vector<Hash> choice(stored.size());
  std::vector<size_t> open;  // where the accounts differ
  for (size_t i = 0; i < stored.size(); ++i) {
    if (!stored[i] && !computed[i]) return std::nullopt;
    choice[i] = stored[i] ? *stored[i] : *computed[i];
    if (stored[i] && computed[i] && *stored[i] != *computed[i]) open.push_back(i);
  }
  if (authentic(choice)) return choice;
  if (open.empty()) return std::nullopt;
  for (const size_t i : open) choice[i] = *computed[i];
  if (authentic(choice)) return choice;
  if (open.size() > kMaxChoices) return std::nullopt;
  for (uint32_t mask = 1; mask + 1 < uint32_t{1} << open.size(); ++mask) {
    for (size_t bit = 0; bit < open.size(); ++bit) {
      const size_t i = open[bit];
      choice[i] = ((mask >> bit) & 1U) != 0 ? *computed[i] : *stored[i];
    }
    if (authentic(choice)) return choice;
  }
  return std::nullopt;
}

}  // namespace taffrail::audit
