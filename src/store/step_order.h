// In which order the steps of a predicate are asked.
#pragma once

#include <cstddef>
#include <cstdint>

namespace taffrail::store {

class StepOrder {
 public:
  static constexpr size_t kAsTheyAre = SIZE_MAX;
  // `first` comes first, and the others as they are.
  explicit StepOrder(size_t first) : first_(first) {}
  size_t At(size_t i) const {
    if (first_ == kAsTheyAre || i > first_) return i;
    return i == 0 ? first_ : i - 1;
  }

 private:
  const size_t first_;
};

}  // namespace taffrail::store
