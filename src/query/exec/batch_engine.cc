#include "query/exec/batch_engine.h"

namespace taffrail::query::exec {

absl::Status BatchEngine::Scan(const ScanSpec& spec, const BatchSink& sink, ScanStats& stats) {
  stats.blocks = batches_.size();
  const bool backwards = pushes_.order && spec.order == plan::Order::kDescending;
  for (size_t i = 0; i < batches_.size(); ++i) {
    if (spec.cancelled()) return absl::OkStatus();
    const record::RecordBatch& batch = batches_[backwards ? batches_.size() - 1 - i : i];
    expr::Selection rows;
    if (pushes_.filter) {
      spec.filter->Evaluate(batch, rows);
    } else {
      rows.resize(batch.rows());
      for (uint32_t row = 0; row < rows.size(); ++row) rows[row] = row;
    }
    if (pushes_.range) {
      std::erase_if(rows, [&](uint32_t row) {
        const int64_t time_ns = batch.timestamp_ns[row];
        return time_ns < spec.range.from_ns || (time_ns >= spec.range.to_ns && spec.range.to_ns != INT64_MAX);
      });
    }
    ++stats.blocks_read;
    stats.rows_read += batch.rows();
    stats.rows_matched += rows.size();
    if (!rows.empty() && !sink(batch, rows)) break;
  }
  return absl::OkStatus();
}

}  // namespace taffrail::query::exec
