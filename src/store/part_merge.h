// Merges parts of one day into one, or into a few.
#pragma once

#include <atomic>

#include "base/status.h"
#include "store/day_parts_writer.h"
#include "store/merge_pace.h"
#include "store/snapshot.h"

namespace taffrail::store {

// Writes the rows of `parts` to `writer`, but for deleted ones. Large blocks are copied as they are, unless
// many overlap in time or some of their rows were deleted; the others are decoded, brought into order and cut
// anew. Holds a few blocks at a time. Cancelled when `stop` becomes true, and
// sleeps where `pace` (may be null) says so. The parts must outlive the writer.
[[nodiscard]] absl::Status MergeParts(const PartList& parts, DayPartsWriter& writer,
                                      const std::atomic<bool>& stop, MergePace* pace = nullptr);

}  // namespace taffrail::store
