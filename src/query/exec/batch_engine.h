// An Engine over batches that someone else brings, one after another: files read without a server, or batches
// in memory.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "query/exec/engine.h"

namespace taffrail::query::exec {

// Gives every batch, in order of arrival, to `take`, until it returns false; called anew for each scan. A
// source whose batches are in order of time (each row after those before it) can be told to begin with the
// last batch.
using BatchSource =
    std::function<absl::Status(bool backwards, const std::function<bool(const record::RecordBatch&)>& take)>;

class BatchEngine final : public Engine {
 public:
  // `pushes`: what of a scan the engine does itself; the executor does the rest. Filter and range cost the
  // same in either place; order only for a source that can do it.
  BatchEngine(std::string name, BatchSource source, Pushed pushes = {.range = true, .filter = true})
      : name_(std::move(name)), source_(std::move(source)), pushes_(pushes) {}
  // Over batches in memory.
  explicit BatchEngine(std::vector<record::RecordBatch> batches,
                       Pushed pushes = {.range = true, .filter = true});

  std::string Name() const override { return name_; }
  Pushed CanPush(const ScanSpec&) const override { return pushes_; }
  absl::Status Scan(const ScanSpec& spec, const BatchSink& sink, ScanStats& stats) override;

 private:
  const std::string name_;
  const BatchSource source_;
  const Pushed pushes_;
};

}  // namespace taffrail::query::exec
