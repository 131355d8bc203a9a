// Evaluates a condition over entries.
#pragma once

#include <memory>

#include "base/status.h"
#include "expr/expr.h"
#include "query/exec/entry.h"

namespace taffrail::query::exec {

class EntryMatcher {
 public:
  // InvalidArgument: a pattern or network that does not parse.
  static absl::StatusOr<std::unique_ptr<EntryMatcher>> Compile(const expr::Expr& expr, EntrySchema& schema);
  virtual ~EntryMatcher() = default;
  virtual bool Matches(const Entry& entry) const = 0;
};

}  // namespace taffrail::query::exec
