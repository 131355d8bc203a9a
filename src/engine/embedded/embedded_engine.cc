#include "engine/embedded/embedded_engine.h"

#include <memory>
#include <utility>
#include <vector>

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
  to.blocks_counted = from.blocks_counted;
  to.blocks_read = from.blocks_read;
  to.blocks_remembered = from.blocks_remembered;
  to.rows_read = from.rows_read;
  to.rows_matched = from.rows_matched;
  to.bytes_read = from.bytes_read;
  to.bytes_decoded = from.bytes_decoded;
  to.cpu_ns = from.cpu_ns;
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
  request.columns.times = spec.times;
  request.columns.shapes_only = spec.shapes_only;
  request.limit = spec.limit;
  request.concurrent = spec.concurrent;
  if (spec.only != nullptr) {
    std::vector<store::RowPlace> only;
    for (const query::exec::Position& place : *spec.only)
      only.push_back({place.timestamp_ns, place.sequence});
    request.only = std::make_shared<const std::vector<store::RowPlace>>(std::move(only));
  }
  request.cancelled = spec.cancelled;
  if (spec.report) {
    request.report = [&spec](const store::ScanStats& store_stats) {
      ScanStats so_far;
      Copy(store_stats, so_far);
      spec.report(so_far);
    };
  }
  store::ScanStats store_stats;
  const absl::Status status = store_.Scan(request, sink, &store_stats);
  Copy(store_stats, stats);
  return status;
}

}  // namespace taffrail::engine::embedded
