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
#include "expr/bits.h"
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

  // REQUIRES: the columns that NeedsColumn names are loaded in the batch, and its timestamps if NeedsTimes.
  // `selection` is replaced.
  void Evaluate(const record::RecordBatch& batch, Selection& selection) const;
  // The same among `rows` only, which are ascending.
  void EvaluateAmong(const record::RecordBatch& batch, const Selection& rows, Selection& selection) const;

  // Whether Evaluate looks at the values of this column. (kAny and kLine look at all of a line's columns.)
  bool NeedsColumn(const record::ColumnKey& key) const;
  bool NeedsTimes() const;

  // The same step by step, the cheapest first, for a reader that loads columns only for rows that are still
  // in:
  //
  //   Bits rows(batch.rows(), true);
  //   for (size_t step = 0; step < matcher.steps() && !rows.None(); ++step) {
  //     load what matcher.StepNeeds(step, key) names;
  //     matcher.Narrow(step, batch, rows);
  //   }
  size_t steps() const;
  bool StepNeeds(size_t step, const record::ColumnKey& key) const;
  void Narrow(size_t step, const record::RecordBatch& batch, Bits& rows) const;
  // Whether the step asks for nothing but ids (words.h): no value without any passes it, whichever it is.
  bool StepWantsIds(size_t step) const;

  // False when no row with the batch's shapes and streams matches. Neither rows nor values are looked at:
  // they need not be loaded.
  bool MayMatch(const record::RecordBatch& batch) const;

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
  void Select(const record::RecordBatch& batch, Bits rows, Selection& selection) const;
  std::unique_ptr<Impl> impl_;
};

}  // namespace taffrail::expr
