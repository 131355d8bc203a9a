// Records back into lines: the stored bytes, each ended by one newline.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "record/batch.h"

namespace taffrail::wire::ndjson {

// REQUIRES: the columns of the lines are loaded.
void EncodeLines(const record::RecordBatch& batch, std::string& out);
// `rows` ascending.
void EncodeLines(const record::RecordBatch& batch, std::span<const uint32_t> rows, std::string& out);

}  // namespace taffrail::wire::ndjson
