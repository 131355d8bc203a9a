// Merges parts of one day into one.
#pragma once

#include <atomic>

#include "base/status.h"
#include "store/day_parts_writer.h"
#include "store/snapshot.h"

namespace taffrail::store {

// Writes the rows of `parts` to `writer`, in order. Large blocks that overlap no other in time are copied as
// they are; the others are decoded, brought into order and cut anew. Holds a few blocks at a time. Cancelled
// when `stop` becomes true.
[[nodiscard]] absl::Status MergeParts(const PartList& parts, DayPartsWriter& writer,
                                      const std::atomic<bool>& stop);

}  // namespace taffrail::store
