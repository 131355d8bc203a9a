// How long the lines of a batch are, without writing them.
#pragma once

#include <cstdint>

#include "record/batch.h"

namespace taffrail::store {

// Bytes of all stored lines with a newline each, attributes left out. REQUIRES: all columns are loaded.
uint64_t LineBytes(const record::RecordBatch& batch);

}  // namespace taffrail::store
