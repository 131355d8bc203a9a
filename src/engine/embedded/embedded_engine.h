// The Engine over our own store. Time, predicate, columns and order are all pushed down: the store prunes blocks by
// them and decodes only the columns that are asked for.
#pragma once

#include <string>

#include "query/exec/engine.h"
#include "store/store.h"

namespace taffrail::engine::embedded {

class EmbeddedEngine final : public query::exec::Engine {
 public:
  // The store must outlive the engine.
  explicit EmbeddedEngine(store::Store& store) : store_(store) {}

  std::string Name() const override { return "store"; }
  query::exec::Pushed CanPush(const query::exec::ScanSpec& spec) const override;
  absl::Status Scan(const query::exec::ScanSpec& spec, const query::exec::BatchSink& sink,
                    query::exec::ScanStats& stats) override;

 private:
  store::Store& store_;
};

}  // namespace taffrail::engine::embedded
