// Chooses between two accounts of the same hashes: as a tile has them, and as computed from what lies below.
// Internal to audit.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "audit/hash.h"

namespace taffrail::audit {

using MaybeHash = std::optional<Hash>;
using MaybeHashes = std::vector<MaybeHash>;

// The hashes, each from one of the accounts, that `authentic` accepts; nothing when no choice does. With more
// than a handful of differences only all of one or all of the other are tried.
std::optional<std::vector<Hash>> Resolve(const MaybeHashes& stored, const MaybeHashes& computed,
                                         const std::function<bool(std::span<const Hash>)>& authentic);

}  // namespace taffrail::audit
