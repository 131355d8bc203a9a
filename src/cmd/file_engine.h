// An Engine over plain files: `taffrail search QUERY FILE…` without server or store.
//
// Every scan reads the files from their beginnings, decompressed, a batch at a time, so that memory does not
// depend on their size. Time range and condition are applied here; order is left to the executor, as files
// promise none.
#pragma once

#include <string>
#include <vector>

#include "base/env.h"
#include "query/exec/engine.h"

namespace taffrail::cmd {

class FileEngine final : public query::exec::Engine {
 public:
  // Lines without a time of their own get receive_time_ns. REQUIRES: env outlives the engine.
  FileEngine(base::Env& env, std::vector<std::string> files, int64_t receive_time_ns)
      : env_(env), files_(std::move(files)), receive_time_ns_(receive_time_ns) {}

  std::string Name() const override;
  query::exec::Pushed CanPush(const query::exec::ScanSpec&) const override {
    return {.range = true, .filter = true};
  }
  // DataLoss when a compressed file is damaged or cut short, after all rows before that point. stdin ("-")
  // can be scanned once.
  absl::Status Scan(const query::exec::ScanSpec& spec, const query::exec::BatchSink& sink,
                    query::exec::ScanStats& stats) override;

 private:
  base::Env& env_;
  const std::vector<std::string> files_;
  const int64_t receive_time_ns_;
};

}  // namespace taffrail::cmd
