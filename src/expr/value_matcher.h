// Evaluates an Expr over rows of computed values: conditions on the columns of a table.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "expr/expr.h"
#include "expr/value.h"

namespace taffrail::expr {

// Immutable after Compile. Means what Matcher means for a record whose fields are the columns.
class ValueMatcher {
 public:
  // InvalidArgument: a field that is no column (only kField can be one), or what Matcher::Compile refuses.
  static absl::StatusOr<std::unique_ptr<ValueMatcher>> Compile(const ExprPtr& expr,
                                                               const std::vector<std::string>& columns);
  virtual ~ValueMatcher() = default;

  // REQUIRES: one value for each column.
  virtual bool Matches(std::span<const Value> row) const = 0;
};

}  // namespace taffrail::expr
