// What each column takes on disk: for people who wonder where their bytes go.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/env.h"
#include "base/status.h"

namespace taffrail::store {

struct ColumnSize {
  std::string name;      // the path; what is no field of a line in brackets: "(timestamps)", "(word filter)"
  std::string kind;      // "string", "integer", …; empty for what is no field
  std::string encoding;  // of most of its bytes: "dictionary", "template", …
  uint64_t values = 0;
  uint64_t blocks = 0;
  uint64_t disk_bytes = 0;
};

// Over all parts, largest first; what is in the write-ahead log only is left out. Columns that share a frame
// share its bytes by what each would take alone. `progress` gets (done, total) bytes; may be null.
absl::StatusOr<std::vector<ColumnSize>> MeasureColumns(
    base::Env& env, const std::string& dir, const std::function<void(uint64_t, uint64_t)>& progress);

}  // namespace taffrail::store
