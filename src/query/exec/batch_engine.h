// An Engine over batches in memory, in order of arrival. Which parts of a scan it does itself can be chosen,
// so that whatever the executor must do for a lesser engine is tested with this one.
#pragma once

#include <string>
#include <vector>

#include "query/exec/engine.h"

namespace taffrail::query::exec {

class BatchEngine final : public Engine {
 public:
  // Doing the order itself needs the batches to be in order of time, each row after those before it.
  explicit BatchEngine(std::vector<record::RecordBatch> batches,
                       Pushed pushes = {.range = true, .filter = true})
      : batches_(std::move(batches)), pushes_(pushes) {}

  std::string Name() const override { return "memory"; }
  Pushed CanPush(const ScanSpec&) const override { return pushes_; }
  absl::Status Scan(const ScanSpec& spec, const BatchSink& sink, ScanStats& stats) override;

 private:
  const std::vector<record::RecordBatch> batches_;
  const Pushed pushes_;
};

}  // namespace taffrail::query::exec
