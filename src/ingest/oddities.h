// Counts what is odd about lines that are JSON all the same, and are kept as they are: operators should see
// that a sender repeats keys or writes numbers that most readers round.
#pragma once

#include <cstdint>

#include "record/batch.h"

namespace taffrail::ingest {

struct Oddities {
  uint64_t repeated_keys = 0;  // an object has a key twice: the first one answers to queries
  uint64_t huge_numbers = 0;   // beyond the range of a double: compared as text
  uint64_t deep_nesting = 0;   // levels beyond record::kMaxDepth: searched as one JSON value

  Oddities& operator+=(const Oddities& other);
};

// Rows of the batch that have each oddity. Looks at shapes, not rows, wherever the shape tells.
Oddities CountOddities(const record::RecordBatch& batch);

}  // namespace taffrail::ingest
