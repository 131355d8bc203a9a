#include "engine/embedded/embedded_engine.h"

namespace taffrail::engine::embedded {
namespace {

using query::exec::ScanSpec;
using query::exec::ScanStats;

store::Order OrderOf(query::plan::Order order) {
  switch (order) {
    case query::plan::Order::kAscending:
      return store::Order::kAscending;
    case query::plan::Order::kDescending:
      return store::Order::kDescending;
    case query::plan::Order::kNone:
      break;
  }
  return store::Order::kNone;
}

void Copy(const store::ScanStats& from, ScanStats& to) {
  to.blocks = from.blocks;
  to.blocks_pruned_time = from.blocks_pruned_time;
  to.blocks_pruned_words = from.blocks_pruned_words;
  to.blocks_pruned_range = from.blocks_pruned_range;
  to.blocks_read = from.blocks_read;
  to.rows_read = from.rows_read;
  to.rows_matched = from.rows_matched;
  to.bytes_read = from.bytes_read;
  to.bytes_decoded = from.bytes_decoded;
}

}  // namespace

absl::Status EmbeddedEngine::Scan(const ScanSpec& spec, const query::exec::BatchSink& sink,
                                  ScanStats& stats) {
  store::ScanRequest request;
  request.range = {spec.range.from_ns, spec.range.to_ns};
  if (!spec.filter->MatchesAll()) request.predicate = spec.filter;
  request.columns.line = spec.whole_lines;
  request.columns.fields = spec.fields;
  request.order = OrderOf(spec.order);
  request.cancelled = spec.cancelled;
  store::ScanStats store_stats;
  absl::Status status = store_.Scan(
      request,
      [&](const record::RecordBatch& batch, const expr::Selection& rows) {
        Copy(store_stats, stats);  // so that whoever watches sees it move
        return sink(batch, rows);
      },
      &store_stats);
  Copy(store_stats, stats);
  return status;
}

}  // namespace taffrail::engine::embedded
