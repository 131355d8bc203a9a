// What an encoding may know of the rows that a column's values belong to. A reader of a block has it before
// any column is read, so what follows from it need not be stored.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

namespace taffrail::store {

// Each gives one element for every value of the column, valid until the next call; null: not known, as for
// values that are parts of others.
struct RowContext {
  std::function<std::span<const int64_t>()> times;    // the record's timestamp
  std::function<std::span<const uint32_t>()> shapes;  // the number of its shape in the block
};

}  // namespace taffrail::store
