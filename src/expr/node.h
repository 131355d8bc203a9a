// The compiled form of an Expr: a tree of nodes, each of which says for the rows of a batch whether it holds.
#pragma once

#include <memory>

#include "base/status.h"
#include "expr/bits.h"
#include "expr/expr.h"
#include "record/batch.h"

namespace taffrail::expr {

class Node {
 public:
  virtual ~Node() = default;

  // Sets `result` to the rows that hold; it need only be right for the rows in `candidates`, so that what
  // costs much for each row is spared the rows that something cheaper has ruled out. REQUIRES:
  // candidates.size() == batch.rows().
  virtual void Evaluate(const record::RecordBatch& batch, const Bits& candidates, Bits& result) const = 0;

  // Relative cost for a batch: conjunctions evaluate the cheap parts first.
  virtual int cost() const = 0;

  // Whether Evaluate looks at the values of this column, and at the rows' timestamps.
  virtual bool NeedsColumn(const record::ColumnKey& key) const = 0;
  virtual bool NeedsTimes() const { return false; }

  // Whether no value without an id (words.h) makes a row hold, whichever of the row's it is.
  virtual bool WantsIds() const { return false; }

  // False only when no row can hold, by what is known of shapes and streams: the batch has no rows yet.
  virtual bool MayHold(const record::RecordBatch&) const { return true; }
};

inline constexpr int kShapeCost = 1;    // looks at shapes and streams only
inline constexpr int kColumnCost = 10;  // reads one column
inline constexpr int kAllColumnsCost = 100;
inline constexpr int kLineCost = 1000;  // puts lines together

// REQUIRES: not deeper than kMaxExprDepth.
absl::StatusOr<std::unique_ptr<Node>> CompileNode(const ExprPtr& expr);

absl::StatusOr<std::unique_ptr<Node>> MakeFieldNode(const Expr& expr);      // named sources, kLevel, kMessage
absl::StatusOr<std::unique_ptr<Node>> MakeAnyNode(const Expr& expr);        // kAny
absl::StatusOr<std::unique_ptr<Node>> MakeLineNode(const Expr& expr);       // kLine
absl::StatusOr<std::unique_ptr<Node>> MakeTimestampNode(const Expr& expr);  // kTimestamp, kSequence
std::unique_ptr<Node> MakeExistsNode(const Expr& expr);                     // kExists of any source
std::unique_ptr<Node> MakeUncertainNode(const Expr& expr);                  // kUncertain

// A condition on the line splits in two: what columns and skeletons alone can rule out (null when nothing),
// and the verdict on the lines that are left, which is right only for rows that passed the first.
struct LineNodes {
  std::unique_ptr<Node> prefilter;
  std::unique_ptr<Node> verdict;
};
absl::StatusOr<LineNodes> MakeLineNodes(const Expr& expr);

}  // namespace taffrail::expr
