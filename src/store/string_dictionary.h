// The distinct values of a column of strings.
#pragma once

#include <cstdint>
#include <vector>

#include "record/batch.h"

namespace taffrail::store {

// In order of first appearance, when they are few.
struct Dictionary {
  record::StringData texts;
  std::vector<uint32_t> first;  // by text: the first value that is it
  std::vector<uint16_t> codes;  // by value: its text

  // False, early, when the values repeat too little for a dictionary to pay.
  static bool Build(const record::StringData& values, Dictionary& dictionary);
  // The same of a column of strings; one that is coded is not looked through again.
  static bool Build(const record::Column& column, Dictionary& dictionary);
};

}  // namespace taffrail::store
