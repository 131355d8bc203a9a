// One key of an aggregate over records: gives equal values equal numbers, counted from 0 in order of
// appearance. A text of a coded column is looked up once a batch, not once a row.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "expr/field_values.h"
#include "expr/value.h"

namespace taffrail::query::exec {

// Distinct values by number.
class ValueNumbers {
 public:
  uint32_t Of(const expr::Value& value);
  uint32_t OfText(std::string_view text);
  uint32_t OfInteger(int64_t integer);

  const std::vector<expr::Value>& values() const { return values_; }
  size_t memory_bytes() const { return memory_bytes_; }

 private:
  uint32_t Add(expr::Value value);

  absl::flat_hash_map<int64_t, uint32_t> integers_;
  absl::flat_hash_map<std::string, uint32_t, base::StringHash, std::equal_to<>> texts_;
  absl::flat_hash_map<std::string, uint32_t, base::StringHash, std::equal_to<>> others_;  // by AppendKey
  std::vector<expr::Value> values_;
  size_t memory_bytes_ = 0;
};

class KeyColumn {
 public:
  // numbers[i] becomes the number of row i's value.
  void Number(const expr::FieldValues& values, std::vector<uint32_t>& numbers);
  // The same for the time intervals that the rows lie in; the value of an interval is its start as an
  // integer.
  void NumberBuckets(const std::vector<int64_t>& timestamp_ns, const expr::Selection& rows, int64_t bucket_ns,
                     std::vector<uint32_t>& numbers);

  ValueNumbers& known() { return known_; }
  const ValueNumbers& known() const { return known_; }

 private:
  void NumberCoded(const expr::FieldValues& values, std::vector<uint32_t>& numbers);
  uint32_t NumberOf(const expr::FieldValues& values, const expr::FieldValues::Source& source, uint32_t index);

  ValueNumbers known_;
};

// The start of the interval that a time lies in, counted from 1970.
int64_t BucketStart(int64_t time_ns, int64_t bucket_ns);

}  // namespace taffrail::query::exec
