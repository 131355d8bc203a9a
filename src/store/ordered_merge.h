// Brings the rows of many sources into one order, by timestamp and then sequence, in bounded memory.
//
//   source 1   |=====|        |======|      A source is opened when the merge comes to its first timestamp,
//   and dropped source 2      |=====|                   after its last row. Where no other source interferes,
//   its own batch goes to source 3                |====|          the sink with a range of rows; where they
//   interleave, rows are gathered into out        ─────────────────────►       new batches.
//
// Used by ordered scans, by flushes (memtable batches into parts) and by merges of parts.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/status.h"
#include "expr/matcher.h"
#include "record/batch.h"

namespace taffrail::store {

// The rows that a source contributes: ascending row numbers, and thereby in order.
struct OpenedRows {
  std::shared_ptr<const record::RecordBatch> batch;
  expr::Selection rows;
};

// Selected rows of a batch that may not be in order, brought into order (in a copy, if need be).
OpenedRows InOrder(std::shared_ptr<const record::RecordBatch> batch, expr::Selection rows);

struct RowSource {
  int64_t min_timestamp_ns = 0;  // no row lies outside of these
  int64_t max_timestamp_ns = 0;
  // May be called again after its rows were dropped to save memory; must give the same rows then.
  std::function<absl::Status(OpenedRows& rows)> open;
};

// As store.h's ScanSink: false ends the merge.
using RowSink =
    std::function<absl::StatusOr<bool>(const record::RecordBatch& batch, const expr::Selection& rows)>;

// Descending: the sink gets the latest rows first, each call's rows still ascending.
[[nodiscard]] absl::Status MergeInOrder(std::vector<RowSource> sources, bool descending, const RowSink& sink);

}  // namespace taffrail::store
