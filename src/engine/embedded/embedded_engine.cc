#include "engine/embedded/embedded_engine.h"

namespace taffrail::engine::embedded {
namespace {

store::Order OrderOf(query::plan::Order order) {
  switch (order) {
    case query::plan::Order::kNone: return store::Order::kNone;
    case query::plan::Order::kAscending: return store::Order::kAscending;
    case query::plan::Order::kDescending: return store::Order::kDescending;
  }
  return store::Order::kNone;
}

void Add(const store::ScanStats& from, query::exec::ScanStats& to) {
  to.blocks += from.blocks;
  to.blocks_pruned_time += from.blocks_pruned_time;
  to.blocks_pruned_words += from.blocks_pruned_words;
  to.blocks_pruned_range += from.blocks_pruned_range;
  to.blocks_read += from.blocks_read;
  to.rows_read += from.rows_read;
  to.rows_matched += from.rows_matched;
  to.bytes_read += from.bytes_read;
  to.bytes_decoded += from.bytes_decoded;
}

}  // namespace

query::exec::Pushed EmbeddedEngine::CanPush(const query::exec::ScanSpec&) const {
  return {.range = true, .filter = true, .order = true};
}

absl::Status EmbeddedEngine::Scan(const query::exec::ScanSpec& spec, const query::exec::BatchSink& sink,
                                  query::exec::ScanStats& stats) {
  store::ScanRequest request;
  request.range = {.from_ns = spec.range.from_ns, .to_ns = spec.range.to_ns};
  request.predicate = spec.filter->MatchesAll() ? nullptr : spec.filter;
  request.columns = {.line = spec.whole_lines, .fields = spec.fields};
  request.order = OrderOf(spec.order);
  request.cancelled = spec.cancelled;
  store::ScanStats read;
  absl::Status status = store_.Scan(request, sink, &read);
  Add(read, stats);
  return status;
}

}  // namespace taffrail::engine::embedded
