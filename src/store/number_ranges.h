// Which numbers a block holds under a path, so that a search for `took > 1000` skips the blocks that have
// none.
#pragma once

#include <vector>

#include "expr/matcher.h"
#include "record/batch.h"
#include "store/block_writer.h"

namespace taffrail::store {

// For paths of the lines whose values are all numbers, booleans, nulls or arrays: a path that also holds
// strings, or that an attribute or label could answer for, is left out, since a string may read as a number.
// At most kMaxNumberRanges, by first appearance. REQUIRES: all columns are loaded.
std::vector<NumberRange> NumberRangesOf(const record::RecordBatch& batch);

// Whether a block may have a row with numbers in all of these ranges.
bool MayHold(const BlockSummary& summary, const std::vector<expr::Matcher::NumberRange>& wanted);

// A footer stays in memory while its part is in use: this bounds what a block costs there.
inline constexpr size_t kMaxNumberRanges = 64;

}  // namespace taffrail::store
