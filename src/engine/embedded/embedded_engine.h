// The Engine over our own store. Time range, filter, columns and order are all pushed down.
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
  query::exec::Pushed CanPush(const query::exec::ScanSpec&) const override {
    return {.range = true, .filter = true, .order = true, .positions = true};
  }
  absl::Status Scan(const query::exec::ScanSpec& spec, const query::exec::BatchSink& sink,
                    query::exec::ScanStats& stats) override;

 private:
  store::Store& store_;
};

}  // namespace taffrail::engine::embedded
