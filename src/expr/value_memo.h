// Remembers the answers of a costly condition for the distinct values of one column: a regular expression
// over a column of five loggers runs five times.
#pragma once

#include <functional>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "expr/bits.h"
#include "record/batch.h"

namespace taffrail::expr {

// More distinct values than this are no dictionary, and remembering them costs more than it saves.
inline constexpr size_t kMaxRememberedValues = 512;

template <typename Test>
void TestDistinct(const record::StringData& values, Test&& test, Bits& hits) {
  absl::flat_hash_map<std::string_view, bool, base::StringHash, std::equal_to<>> known;
  size_t i = 0;
  for (; i < values.size() && known.size() < kMaxRememberedValues; ++i) {
    const auto [entry, is_new] = known.try_emplace(values[i], false);
    if (is_new) entry->second = test(values[i]);
    if (entry->second) hits.Set(i);
  }
  for (; i < values.size(); ++i) {
    if (test(values[i])) hits.Set(i);
  }
}

}  // namespace taffrail::expr
