#include "expr/matcher.h"

#include <algorithm>

#include "expr/binding.h"
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

void CollectFields(const Expr& expr, std::vector<FieldRef>& fields) {
  for (const ExprPtr& child : expr.children) CollectFields(*child, fields);
  const bool leaf = expr.children.empty() && expr.op != Expr::Op::kTrue && expr.op != Expr::Op::kFalse;
  if (leaf && expr.op != Expr::Op::kExists) fields.push_back(expr.field);
}

}  // namespace

class Matcher::Impl {
 public:
  ExprPtr expr;
  std::unique_ptr<Node> root;
  std::vector<FieldRef> fields;  // whose values are looked at
  std::vector<std::string> words;
  std::vector<NumberRange> ranges;
};

absl::StatusOr<std::shared_ptr<const Matcher>> Matcher::Compile(ExprPtr expr) {
  if (Depth(*expr, kMaxExprDepth) > kMaxExprDepth) {
    return absl::InvalidArgumentError(fmt::format("conditions nest deeper than {}", kMaxExprDepth));
  }
  auto impl = std::make_unique<Impl>();
  TAFFRAIL_ASSIGN_OR_RETURN(impl->root, CompileNode(expr));
  CollectFields(*expr, impl->fields);
  impl->words = RequiredWordsOf(*expr);
  impl->ranges = RequiredRangesOf(*expr);
  impl->expr = std::move(expr);
  return std::shared_ptr<const Matcher>(new Matcher(std::move(impl)));
}

Matcher::Matcher(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Matcher::~Matcher() = default;

void Matcher::Evaluate(const record::RecordBatch& batch, Selection& selection) const {
  selection.clear();
  if (batch.rows() == 0) return;
  Bits rows;
  impl_->root->Evaluate(batch, Bits(batch.rows(), true), rows);
  selection.reserve(rows.Count());
  rows.ForEach([&selection](size_t row) { selection.push_back(static_cast<uint32_t>(row)); });
}

bool Matcher::NeedsColumn(const record::ColumnKey& key) const {
  return std::any_of(impl_->fields.begin(), impl_->fields.end(),
                     [&key](const FieldRef& field) { return Binding::NeedsColumn(field, key); });
}

bool Matcher::MatchesAll() const { return impl_->expr->op == Expr::Op::kTrue; }
const std::vector<std::string>& Matcher::RequiredWords() const { return impl_->words; }
const std::vector<Matcher::NumberRange>& Matcher::RequiredRanges() const { return impl_->ranges; }
const Expr& Matcher::expr() const { return *impl_->expr; }

}  // namespace taffrail::expr
