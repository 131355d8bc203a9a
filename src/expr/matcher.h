// Evaluates an Expr over a RecordBatch, and tells the store what it can skip.
//
//   auto matcher = Matcher::Compile(expr);           // compiles regular expressions once; errors name the
//   bad one matcher->Evaluate(batch, selection);              // column by column
//
// Immutable after Compile; Evaluate may run on many threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "expr/expr.h"
#include "record/batch.h"

namespace taffrail::expr {

// Which rows of a batch are selected: ascending indexes.
using Selection = std::vector<uint32_t>;

class Matcher {
 public:
  // InvalidArgument: a regular expression or CIDR block that does not parse, RE2's memory budget (8 MiB: far
  // above real patterns, small beside a query's) exceeded, or a tree deeper than kMaxExprDepth.
  static absl::StatusOr<std::shared_ptr<const Matcher>> Compile(ExprPtr expr);
  ~Matcher();

  // REQUIRES: the columns that NeedsColumn names are loaded in the batch. `selection` is replaced.
  void Evaluate(const record::RecordBatch& batch, Selection& selection) const;

  // Whether Evaluate looks at the values of this column. (kAny and kLine look at all of a line's columns.)
  bool NeedsColumn(const record::ColumnKey& key) const;
  bool MatchesAll() const;  // the expression is True

  // Id-like words (words.h) of which every matching row has all: the store skips a block whose word filter
  // lacks one.
  const std::vector<std::string>& RequiredWords() const;

  // Every matching row has, for kField fields, a number within [min, max] under `path`.
  struct NumberRange {
    std::string path;
    double min;
    double max;
  };
  const std::vector<NumberRange>& RequiredRanges() const;

  const Expr& expr() const;

 private:
  class Impl;
  explicit Matcher(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace taffrail::expr
