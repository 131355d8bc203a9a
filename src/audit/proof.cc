#include "audit/proof.h"

#include <bit>

namespace taffrail::audit {

bool VerifyInclusion(uint64_t index, uint64_t size, const Hash& leaf, std::span<const Hash> proof,
                     const Hash& root) {
  if (index >= size) return false;
  uint64_t fn = index;     // where we are on this level, and
  uint64_t sn = size - 1;  // the last node of this level
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (sn == 0) return false;  // more hashes than levels
    if ((fn & 1U) != 0 || fn == sn) {
      hash = NodeHash(sibling, hash);
      while ((fn & 1U) == 0 && fn != 0) {  // the last node of a level without sibling moves up as it is
        fn >>= 1U;
        sn >>= 1U;
      }
    } else {
      hash = NodeHash(hash, sibling);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  return sn == 0 && hash == root;
}

bool VerifyConsistency(uint64_t size1, uint64_t size2, std::span<const Hash> proof, const Hash& root1,
                       const Hash& root2) {
  if (size1 == 0) return false;
  return VerifySubtreeConsistency(0, size1, size2, proof, root1, root2);
}

bool IsSubtree(uint64_t start, uint64_t end) {
  if (start >= end) return false;
  if (end - start > uint64_t{1} << 63U) return start == 0;
  return start % std::bit_ceil(end - start) == 0;
}

bool VerifySubtreeInclusion(uint64_t index, uint64_t start, uint64_t end, const Hash& leaf,
                            std::span<const Hash> proof, const Hash& root) {
  if (!IsSubtree(start, end) || index < start) return false;
  return VerifyInclusion(index - start, end - start, leaf, proof, root);
}

bool VerifySubtreeConsistency(uint64_t start, uint64_t end, uint64_t size, std::span<const Hash> proof,
                              const Hash& subtree_root, const Hash& root) {
  if (start == end) return start <= size && proof.empty() && subtree_root == EmptyRoot();
  if (!IsSubtree(start, end) || end > size) return false;
  uint64_t fn = start;     // first node of the subtree on this level,
  uint64_t sn = end - 1;   // its last node,
  uint64_t tn = size - 1;  // and the last node of the tree
  const auto up = [&] {
    fn >>= 1U;
    sn >>= 1U;
    tn >>= 1U;
  };
  // To the largest node that both trees have at the subtree's right edge.
  if (sn == tn) {
    while (fn != sn) up();
  } else {
    while (fn != sn && (sn & 1U) != 0) up();
  }
  Hash fr = subtree_root;  // grows to the subtree's root,
  if (fn != sn) {
    if (proof.empty()) return false;
    fr = proof.front();
    proof = proof.subspan(1);
  }
  Hash sr = fr;  // and to the tree's
  for (const Hash& sibling : proof) {
    if (tn == 0) return false;
    if ((sn & 1U) != 0 || sn == tn) {
      if (fn < sn) fr = NodeHash(sibling, fr);
      sr = NodeHash(sibling, sr);
      while ((sn & 1U) == 0 && sn != 0) up();
    } else {
      sr = NodeHash(sr, sibling);
    }
    up();
  }
  return tn == 0 && fr == subtree_root && sr == root;
}

}  // namespace taffrail::audit
