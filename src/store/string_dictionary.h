// The distinct values of a column of strings.
#pragma once

#include <cstdint>
#include <vector>

#include "record/batch.h"

namespace taffrail::store {

// In order of first appearance, when they are few.
struct Dictionary {
  std::vector<uint32_t> entries;  // each the index of a value that is the first with its text
  std::vector<uint16_t> codes;    // by value: index into entries

  // False, early, when the values repeat too little for a dictionary to pay.
  static bool Build(const record::StringData& values, Dictionary& dictionary);
};

}  // namespace taffrail::store
