// Where records come from: our own store, plain files, or one day another system. The executor asks an Engine
// for rows and does itself whatever the engine says it cannot do.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "expr/expr.h"
#include "expr/matcher.h"
#include "query/plan/plan.h"
#include "record/batch.h"

namespace taffrail::query::exec {

// Which record it is, among all of one engine.
struct Position {
  int64_t timestamp_ns = 0;
  uint64_t sequence = 0;
  friend auto operator<=>(const Position&, const Position&) = default;  // NOLINT(modernize-use-nullptr)
};

struct ScanSpec {
  plan::TimeRange range;
  std::shared_ptr<const expr::Matcher> filter;  // never null
  plan::Order order = plan::Order::kNone;
  bool whole_lines = false;            // the stored line and attributes are read
  std::vector<expr::FieldRef> fields;  // what is read beside them and the filter's own
  bool times = true;                   // timestamps and sequences are read
  // Only which shapes and streams there are matters: the sink may be given a batch without rows, which says
  // that all of its shapes and streams have one in the answer.
  bool shapes_only = false;
  uint64_t limit = 0;  // under an order no more than so many rows are read, though more may be given; 0: all
  bool concurrent = false;                            // the sink may be called by several threads at once
  std::shared_ptr<const std::vector<Position>> only;  // ascending: no other rows are wanted; null: all
  std::function<bool()> cancelled;  // asked at least once a batch, by any thread; never null
  // Told how far a scan has come, by engines that do not fill `stats` as they go; from any thread, may be
  // null.
  std::function<void(const struct ScanStats&)> report;
};

// What a scan does by itself; the executor does the rest.
struct Pushed {
  bool range = false;
  bool filter = false;
  bool order = false;
  bool positions = false;  // it can be asked for `only` some rows, and all rows have a sequence
};

// For --explain and metrics; filled while a scan runs.
struct ScanStats {
  uint64_t blocks = 0;
  uint64_t blocks_pruned_time = 0;
  uint64_t blocks_pruned_words = 0;
  uint64_t blocks_pruned_range = 0;
  uint64_t blocks_counted = 0;  // answered by what is known of the block as a whole
  uint64_t blocks_read = 0;
  uint64_t blocks_remembered = 0;  // of those, where the answer to the same condition was kept
  uint64_t rows_read = 0;
  uint64_t rows_matched = 0;
  uint64_t bytes_read = 0;  // from files, compressed
  uint64_t bytes_decoded = 0;
  int64_t cpu_ns = 0;  // reading, decoding and filtering, all threads together
};

// Receives rows: ascending row numbers of one batch, valid during the call only. Under an order that was
// pushed down the rows of a batch are in ascending order, and all of one call come before all of the next;
// for kDescending after, so that the reader of a batch walks its rows backwards. False ends the scan, which
// then is ok.
using BatchSink = std::function<bool(const record::RecordBatch& batch, const expr::Selection& rows)>;

class Engine {
 public:
  virtual ~Engine() = default;
  // For --explain: "store", "3 files".
  virtual std::string Name() const = 0;
  virtual Pushed CanPush(const ScanSpec& spec) const = 0;
  // Any thread, several at once.
  virtual absl::Status Scan(const ScanSpec& spec, const BatchSink& sink, ScanStats& stats) = 0;
};

}  // namespace taffrail::query::exec
