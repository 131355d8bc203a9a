// Reading parts with suspicion: for verify and repair.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/env.h"
#include "base/status.h"
#include "record/batch.h"
#include "store/part.h"

namespace taffrail::store {

// Reads and decodes all of a block, and checks that its rows are in order and of the part's
// day.
[[nodiscard]] absl::Status CheckBlock(const Part& part, size_t block);

// Gets a salvaged block's rows, and where in the file it begins.
using SalvageVisitor = std::function<absl::Status(record::RecordBatch batch, uint64_t offset)>;

// Finds whole blocks in a file without believing its footer, in the order they stand in.
[[nodiscard]] absl::Status SalvageBlocks(base::Env& env, const std::string& path,
                                         const SalvageVisitor& visit);

}  // namespace taffrail::store
