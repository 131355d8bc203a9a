// Which values of each column belong to chosen rows: the texts of the others need not be put together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "expr/bits.h"
#include "record/batch.h"

namespace taffrail::store {

class ChosenValues {
 public:
  // REQUIRES: the batch has its shapes.
  ChosenValues(const record::RecordBatch& batch, const expr::Bits& rows);

  // A byte for each of the column's first values, 0 for one of a row that was not chosen; those beyond were
  // not chosen either.
  std::span<const uint8_t> Of(size_t column) const { return chosen_[column]; }

 private:
  std::vector<std::vector<uint8_t>> chosen_;  // by column
};

}  // namespace taffrail::store
