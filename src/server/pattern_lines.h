// Mines the messages of what a query finds; of records without one their lines.
//
// Messages are read as the store has them: a column of distinct texts and codes, so that of a text a block is
// asked once which form it has (pattern/form.h), and of a line only which text and when. All blocks, by
// several threads, whatever their order. Lines without a message have to be put together one by one: of
// those the newest kMostLines are looked at, and as many before `new_since_ns`.
#pragma once

#include <cstdint>
#include <optional>

#include "base/status.h"
#include "expr/expr.h"
#include "pattern/forms.h"
#include "query/exec/executor.h"
#include "query/plan/plan.h"

namespace taffrail::server {

struct PatternQuery {
  query::plan::TimeRange range;
  expr::ExprPtr filter;
  std::optional<int64_t> new_since_ns;
  pattern::Forms::Options steps;
};

struct MinedLines {
  pattern::Mined mined;
  uint64_t lines = 0;           // looked at
  uint64_t baseline_lines = 0;  // of them before new_since_ns
  bool truncated = false;       // there are more without a message
};

inline constexpr uint64_t kMostLinesWithoutMessage = 1'000'000;

// `stats` are of the scan of all messages.
absl::StatusOr<MinedLines> MineLines(const PatternQuery& query, query::exec::Engine& engine,
                                     const query::exec::ExecOptions& options, query::exec::ExecStats& stats);

}  // namespace taffrail::server
