// Checks of Merkle proofs: what anyone can do who has a root and no tree (RFC 9162 §2.1.3.2, §2.1.4.2).
//
// A proof is hostile input: every function takes any numbers and any hashes, and answers yes or no.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "audit/hash.h"

namespace taffrail::audit {

using Proof = std::vector<Hash>;

// Whether the entry with this leaf hash is number `index` (from 0) of the tree of `size` entries with this
// root.
bool VerifyInclusion(uint64_t index, uint64_t size, const Hash& leaf, std::span<const Hash> proof,
                     const Hash& root);

// Whether the tree of size1 entries and root1 is the beginning of the one of size2 and root2. Nothing is
// proved about a tree of no entries, so size1 == 0 is refused: its caller knows that it has no history yet.
bool VerifyConsistency(uint64_t size1, uint64_t size2, std::span<const Hash> proof, const Hash& root1,
                       const Hash& root2);

// The same for a subtree, entries [start, end) of a tree, as Merkle tree certificates use them
// (draft-ietf-plants-merkle-tree-certs). Valid subtrees start at a multiple of the power of two that holds
// them; one without entries is in every tree.
bool IsSubtree(uint64_t start, uint64_t end);
bool VerifySubtreeInclusion(uint64_t index, uint64_t start, uint64_t end, const Hash& leaf,
                            std::span<const Hash> proof, const Hash& root);
bool VerifySubtreeConsistency(uint64_t start, uint64_t end, uint64_t size, std::span<const Hash> proof,
                              const Hash& subtree_root, const Hash& root);

}  // namespace taffrail::audit
