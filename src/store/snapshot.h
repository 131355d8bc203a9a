// What a reader sees: immutable parts and batches, held as long as it reads.
#pragma once

#include <memory>
#include <vector>

#include "store/block_cache.h"
#include "store/memtable.h"
#include "store/part.h"

namespace taffrail::store {

using PartList = std::vector<std::shared_ptr<Part>>;

struct Snapshot {
  std::shared_ptr<const PartList> parts;
  MemBatches batches;
  std::shared_ptr<BlockCache> cache;  // may be null
};

}  // namespace taffrail::store
