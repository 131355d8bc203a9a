#include "expr/node.h"

#include <algorithm>
#include <vector>

namespace taffrail::expr {
namespace {

using record::RecordBatch;

class ConstantNode final : public Node {
 public:
  explicit ConstantNode(bool value) : value_(value) {}
  void Evaluate(const RecordBatch& batch, const Bits&, Bits& result) const override {
    result.Reset(batch.rows(), value_);
  }
  int cost() const override { return 0; }
  bool NeedsColumn(const record::ColumnKey&) const override { return false; }

 private:
  bool value_;
};

class NotNode final : public Node {
 public:
  explicit NotNode(std::unique_ptr<Node> child) : child_(std::move(child)) {}
  void Evaluate(const RecordBatch& batch, const Bits& candidates, Bits& result) const override {
    child_->Evaluate(batch, candidates, result);
    result.Invert();
  }
  int cost() const override { return child_->cost(); }
  bool NeedsColumn(const record::ColumnKey& key) const override { return child_->NeedsColumn(key); }
  bool NeedsTimes() const override { return child_->NeedsTimes(); }

 private:
  std::unique_ptr<Node> child_;
};

// kAnd narrows the candidates to what still holds; kOr to what nothing has decided yet.
class ManyNode final : public Node {
 public:
  ManyNode(bool is_and, std::vector<std::unique_ptr<Node>> children)
      : is_and_(is_and), children_(std::move(children)) {
    std::stable_sort(children_.begin(), children_.end(),
                     [](const auto& a, const auto& b) { return a->cost() < b->cost(); });
  }

  void Evaluate(const RecordBatch& batch, const Bits& candidates, Bits& result) const override {
    Bits open = candidates;
    Bits answer;
    for (const std::unique_ptr<Node>& child : children_) {
      if (open.None()) break;
      child->Evaluate(batch, open, answer);
      if (is_and_) {
        open.And(answer);
      } else {
        open.AndNot(answer);
      }
    }
    result = candidates;
    if (is_and_) {
      result = std::move(open);
    } else {
      result.AndNot(open);
    }
  }

  int cost() const override {
    int sum = 0;
    for (const std::unique_ptr<Node>& child : children_) sum = std::min(sum + child->cost(), 1 << 20);
    return sum;
  }
  bool NeedsColumn(const record::ColumnKey& key) const override {
    return std::any_of(children_.begin(), children_.end(),
                       [&key](const auto& child) { return child->NeedsColumn(key); });
  }
  bool NeedsTimes() const override {
    return std::any_of(children_.begin(), children_.end(),
                       [](const auto& child) { return child->NeedsTimes(); });
  }

 private:
  bool is_and_;
  std::vector<std::unique_ptr<Node>> children_;
};

absl::StatusOr<std::unique_ptr<Node>> CompileMany(const Expr& expr) {
  std::vector<std::unique_ptr<Node>> children;
  for (const ExprPtr& child : expr.children) {
    TAFFRAIL_ASSIGN_OR_RETURN(std::unique_ptr<Node> node, CompileNode(child));
    children.push_back(std::move(node));
  }
  return std::make_unique<ManyNode>(expr.op == Expr::Op::kAnd, std::move(children));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Node>> CompileNode(const ExprPtr& expr) {
  switch (expr->op) {
    case Expr::Op::kTrue:
    case Expr::Op::kFalse:
      return std::make_unique<ConstantNode>(expr->op == Expr::Op::kTrue);
    case Expr::Op::kAnd:
    case Expr::Op::kOr:
      return CompileMany(*expr);
    case Expr::Op::kNot: {
      TAFFRAIL_ASSIGN_OR_RETURN(std::unique_ptr<Node> child, CompileNode(expr->children[0]));
      return std::make_unique<NotNode>(std::move(child));
    }
    case Expr::Op::kUncertain:
      return MakeUncertainNode(*expr);
    case Expr::Op::kExists:
      return MakeExistsNode(*expr);
    default:
      break;
  }
  switch (expr->field.source) {
    case FieldRef::Source::kLine:
      return MakeLineNode(*expr);
    case FieldRef::Source::kAny:
      return MakeAnyNode(*expr);
    case FieldRef::Source::kTimestamp:
    case FieldRef::Source::kSequence:
      return MakeTimestampNode(*expr);
    default:
      return MakeFieldNode(*expr);
  }
}

}  // namespace taffrail::expr
