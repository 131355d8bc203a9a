// Records made from a seed: a few shapes of lines with much variation in values, spacing, escapes, labels and
// attributes.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "record/batch.h"

namespace taffrail::query_test {

struct Sample {
  int64_t timestamp_ns = 0;
  record::Labels labels;
  std::string attributes;  // a JSON object, or empty
  std::string line;
};

// In order of time, some at the same time.
std::vector<Sample> MakeSamples(std::mt19937_64& random, size_t count);

// As batches of at most `batch_rows` rows, in the same order.
std::vector<record::RecordBatch> BuildBatches(const std::vector<Sample>& samples, size_t batch_rows);

// The same rows with every column of texts as a dictionary, as a scan may give it; entries in no order, and
// one that no value has.
record::RecordBatch Coded(std::mt19937_64& random, const record::RecordBatch& batch);

// One of a list.
template <typename T, size_t kSize>
const T& Pick(std::mt19937_64& random, const T (&list)[kSize]) {
  return list[random() % kSize];
}

}  // namespace taffrail::query_test
