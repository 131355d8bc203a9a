#include "query/exec/batch_engine.h"

namespace taffrail::query::exec {
namespace {

expr::Selection SelectRows(const record::RecordBatch& batch, const ScanSpec& spec, const Pushed& pushes) {
  expr::Selection rows;
  if (pushes.filter) {
    spec.filter->Evaluate(batch, rows);
  } else {
    rows.resize(batch.rows());
    for (uint32_t row = 0; row < rows.size(); ++row) rows[row] = row;
  }
  if (pushes.range) {
    std::erase_if(rows, [&](uint32_t row) { return !plan::Contains(spec.range, batch.timestamp_ns[row]); });
  }
  return rows;
}

}  // namespace

absl::Status BatchEngine::Scan(const ScanSpec& spec, const BatchSink& sink, ScanStats& stats) {
  stats.blocks = batches_.size();
  const bool backwards = pushes_.order && spec.order == plan::Order::kDescending;
  for (size_t i = 0; i < batches_.size(); ++i) {
    if (spec.cancelled()) break;
    const record::RecordBatch& batch = batches_[backwards ? batches_.size() - 1 - i : i];
    const expr::Selection rows = SelectRows(batch, spec, pushes_);
    ++stats.blocks_read;
    stats.rows_read += batch.rows();
    stats.rows_matched += rows.size();
    if (!rows.empty() && !sink(batch, rows)) break;
  }
  return absl::OkStatus();
}

}  // namespace taffrail::query::exec
