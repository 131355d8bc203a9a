#include "query/exec/batch_engine.h"

#include <memory>
#include <utility>

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

BatchSource SourceOf(std::vector<record::RecordBatch> batches) {
  const auto held = std::make_shared<const std::vector<record::RecordBatch>>(std::move(batches));
  return [held](bool backwards, const std::function<bool(const record::RecordBatch&)>& take) {
    for (size_t i = 0; i < held->size(); ++i) {
      if (!take((*held)[backwards ? held->size() - 1 - i : i])) break;
    }
    return absl::OkStatus();
  };
}

}  // namespace

BatchEngine::BatchEngine(std::vector<record::RecordBatch> batches, Pushed pushes)
    : BatchEngine("memory", SourceOf(std::move(batches)), pushes) {}

absl::Status BatchEngine::Scan(const ScanSpec& spec, const BatchSink& sink, ScanStats& stats) {
  const bool backwards = pushes_.order && spec.order == plan::Order::kDescending;
  return source_(backwards, [&](const record::RecordBatch& batch) {
    if (spec.cancelled()) return false;
    const expr::Selection rows = SelectRows(batch, spec, pushes_);
    ++stats.blocks;
    ++stats.blocks_read;
    stats.rows_read += batch.rows();
    stats.rows_matched += rows.size();
    return rows.empty() || sink(batch, rows);
  });
}

}  // namespace taffrail::query::exec
