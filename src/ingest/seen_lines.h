// What was found in the lines of a batch before it was one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace taffrail::ingest {

// A rule that found something in a row.
struct Hit {
  size_t row;
  uint16_t rule;
};

// Of rows [0, rows) of a batch, in their order.
struct SeenLines {
  size_t rows = 0;
  std::vector<Hit> hits;
};

}  // namespace taffrail::ingest
