// Which record it is, as a text that never changes: its time and its number, in hexadecimal.
//
//   186b1f3a2c9d8e00-1f4
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "expr/expr.h"

namespace taffrail::query::plan {

std::string MakeRecordId(int64_t timestamp_ns, uint64_t sequence);
std::optional<std::pair<int64_t, uint64_t>> ParseRecordId(std::string_view id);
// Of the record with this id; false of all, when it is none. Its time is a range of one moment to the store.
expr::ExprPtr RecordIdCondition(std::string_view id);

}  // namespace taffrail::query::plan
