#include "expr/matcher.h"

#include <algorithm>

#include "expr/node.h"
#include "expr/requirements.h"
#include "fmt/format.h"

namespace taffrail::expr {
namespace {

int Depth(const Expr& expr, int limit) {
  if (limit == 0 || expr.children.empty()) return 1;
  int deepest = 0;
  for (const ExprPtr& child : expr.children) deepest = std::max(deepest, Depth(*child, limit - 1));
  return 1 + deepest;
}

// The parts of a conjunction as steps; a condition on the line makes two.
absl::Status AddSteps(const ExprPtr& expr, std::vector<std::unique_ptr<Node>>& steps) {
  if (expr->op == Expr::Op::kAnd) {
    for (const ExprPtr& child : expr->children) TAFFRAIL_RETURN_IF_ERROR(AddSteps(child, steps));
    return absl::OkStatus();
  }
  const bool leaf = expr->children.empty() && expr->op != Expr::Op::kTrue && expr->op != Expr::Op::kFalse;
  if (leaf && expr->op != Expr::Op::kExists && expr->op != Expr::Op::kUncertain &&
      expr->field.source == FieldRef::Source::kLine) {
    TAFFRAIL_ASSIGN_OR_RETURN(LineNodes nodes, MakeLineNodes(*expr));
    if (nodes.prefilter != nullptr) steps.push_back(std::move(nodes.prefilter));
    steps.push_back(std::move(nodes.verdict));
    return absl::OkStatus();
  }
  TAFFRAIL_ASSIGN_OR_RETURN(std::unique_ptr<Node> node, CompileNode(expr));
  steps.push_back(std::move(node));
  return absl::OkStatus();
}

}  // namespace

class Matcher::Impl {
 public:
  ExprPtr expr;
  std::vector<std::unique_ptr<Node>> steps;  // all must hold; a verdict on lines after its prefilter
  std::vector<std::string> words;
  std::vector<NumberRange> ranges;
};

absl::StatusOr<std::shared_ptr<const Matcher>> Matcher::Compile(ExprPtr expr) {
  if (Depth(*expr, kMaxExprDepth) > kMaxExprDepth) {
    return absl::InvalidArgumentError(fmt::format("conditions nest deeper than {}", kMaxExprDepth));
  }
  auto impl = std::make_unique<Impl>();
  TAFFRAIL_RETURN_IF_ERROR(AddSteps(expr, impl->steps));
  std::stable_sort(impl->steps.begin(), impl->steps.end(),
                   [](const auto& a, const auto& b) { return a->cost() < b->cost(); });
  impl->words = RequiredWordsOf(*expr);
  impl->ranges = RequiredRangesOf(*expr);
  impl->expr = std::move(expr);
  return std::shared_ptr<const Matcher>(new Matcher(std::move(impl)));
}

Matcher::Matcher(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Matcher::~Matcher() = default;

void Matcher::Evaluate(const record::RecordBatch& batch, Selection& selection) const {
  Select(batch, Bits(batch.rows(), true), selection);
}

void Matcher::EvaluateAmong(const record::RecordBatch& batch, const Selection& among,
                            Selection& selection) const {
  Bits rows(batch.rows());
  for (const uint32_t row : among) rows.Set(row);
  Select(batch, std::move(rows), selection);
}

void Matcher::Select(const record::RecordBatch& batch, Bits rows, Selection& selection) const {
  selection.clear();
  for (size_t step = 0; step < steps() && !rows.None(); ++step) Narrow(step, batch, rows);
  selection.reserve(rows.Count());
  rows.ForEach([&selection](size_t row) { selection.push_back(static_cast<uint32_t>(row)); });
}

bool Matcher::NeedsColumn(const record::ColumnKey& key) const {
  return std::any_of(impl_->steps.begin(), impl_->steps.end(),
                     [&key](const auto& step) { return step->NeedsColumn(key); });
}

bool Matcher::NeedsTimes() const {
  return std::any_of(impl_->steps.begin(), impl_->steps.end(),
                     [](const auto& step) { return step->NeedsTimes(); });
}

size_t Matcher::steps() const { return impl_->steps.size(); }

bool Matcher::StepNeeds(size_t step, const record::ColumnKey& key) const {
  return impl_->steps[step]->NeedsColumn(key);
}

void Matcher::Narrow(size_t step, const record::RecordBatch& batch, Bits& rows) const {
  Bits answer;
  impl_->steps[step]->Evaluate(batch, rows, answer);
  rows.And(answer);
}

bool Matcher::StepWantsIds(size_t step) const { return impl_->steps[step]->WantsIds(); }

bool Matcher::MayMatch(const record::RecordBatch& batch) const {
  return std::all_of(impl_->steps.begin(), impl_->steps.end(),
                     [&batch](const auto& step) { return step->MayHold(batch); });
}

bool Matcher::MatchesAll() const { return impl_->expr->op == Expr::Op::kTrue; }
const std::vector<std::string>& Matcher::RequiredWords() const { return impl_->words; }
const std::vector<Matcher::NumberRange>& Matcher::RequiredRanges() const { return impl_->ranges; }
const Expr& Matcher::expr() const { return *impl_->expr; }

}  // namespace taffrail::expr
