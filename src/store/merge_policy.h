// Which parts to merge: pure functions over what the manifest says of them.
#pragma once

#include <cstdint>
#include <vector>

#include "store/part.h"

namespace taffrail::store {

// Size-tiered within a day: when kMergeFanIn parts of a day are of one size class, they become one. Each row
// is thereby rewritten about log(day's size) / log(kMergeFanIn) times, and a day has a few dozen parts at
// most. Else a part that has lost many of its rows, to be written anew without them. Empty when nothing is to
// be merged.
std::vector<uint64_t> PickMerge(const std::vector<PartMeta>& parts);

// For Compact(): of a day with more than one part all that kMaxMergeBytes takes, the smallest first; else a
// part with deleted rows.
std::vector<uint64_t> PickWholeDay(const std::vector<PartMeta>& parts);

inline constexpr size_t kMergeFanIn = 8;
// No merge writes more: it needs as much free disk, and the index of ids (id_page.h) is made for parts of
// this size, a hundred million lines or so.
inline constexpr uint64_t kMaxMergeBytes = uint64_t{2} << 30;

}  // namespace taffrail::store
