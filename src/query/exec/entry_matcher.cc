#include "query/exec/entry_matcher.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "expr/condition.h"

namespace taffrail::query::exec {
namespace {

using expr::Expr;
using expr::Value;
using Source = expr::FieldRef::Source;

class Constant final : public EntryMatcher {
 public:
  explicit Constant(bool value) : value_(value) {}
  bool Matches(const Entry&) const override { return value_; }

 private:
  const bool value_;
};

class Combination final : public EntryMatcher {
 public:
  Combination(Expr::Op op, std::vector<std::unique_ptr<EntryMatcher>> children)
      : op_(op), children_(std::move(children)) {}

  bool Matches(const Entry& entry) const override {
    const auto matches = [&entry](const auto& child) { return child->Matches(entry); };
    switch (op_) {
      case Expr::Op::kAnd:
        return std::all_of(children_.begin(), children_.end(), matches);
      case Expr::Op::kOr:
        return std::any_of(children_.begin(), children_.end(), matches);
      default:
        return !children_[0]->Matches(entry);
    }
  }

 private:
  const Expr::Op op_;
  const std::vector<std::unique_ptr<EntryMatcher>> children_;
};

class Exists final : public EntryMatcher {
 public:
  Exists(EntryReader reader, bool non_null) : reader_(std::move(reader)), non_null_(non_null) {}
  bool Matches(const Entry& entry) const override {
    const Value value = reader_.Read(entry);
    return !std::holds_alternative<expr::Missing>(value) &&
           !(non_null_ && std::holds_alternative<expr::Null>(value));
  }

 private:
  const EntryReader reader_;
  const bool non_null_;
};

class TimeIs final : public EntryMatcher {
 public:
  TimeIs(Expr::Op op, Source source, int64_t time_ns) : op_(op), source_(source), time_ns_(time_ns) {}
  bool Matches(const Entry& entry) const override {
    const int64_t value =
        source_ == Source::kSequence ? static_cast<int64_t>(entry.sequence) : entry.timestamp_ns;
    switch (op_) {
      case Expr::Op::kEqual:
        return value == time_ns_;
      case Expr::Op::kLess:
        return value < time_ns_;
      case Expr::Op::kLessEqual:
        return value <= time_ns_;
      case Expr::Op::kGreater:
        return value > time_ns_;
      default:
        return value >= time_ns_;
    }
  }

 private:
  const Expr::Op op_;
  const Source source_;  // kTimestamp, kSequence
  const int64_t time_ns_;
};

class Leaf final : public EntryMatcher {
 public:
  Leaf(EntryReader reader, std::unique_ptr<expr::Condition> condition, bool missing_is_empty)
      : reader_(std::move(reader)), condition_(std::move(condition)), missing_is_empty_(missing_is_empty) {}

  bool Matches(const Entry& entry) const override {
    if (reader_.field().source == Source::kLine) return condition_->Text(entry.line);
    if (reader_.field().source == Source::kAny) return MatchesAny(entry);
    return Test(reader_.Read(entry));
  }

 private:
  bool Test(const Value& value) const {
    if (const auto* text = std::get_if<std::string>(&value)) return condition_->Text(*text);
    if (std::holds_alternative<expr::Missing>(value)) return missing_is_empty_ && condition_->Text("");
    if (std::holds_alternative<int64_t>(value) || std::holds_alternative<expr::Number>(value)) {
      return condition_->Number(expr::ToText(value));
    }
    return condition_->Text(expr::ToText(value));
  }

  bool MatchesAny(const Entry& entry) const {
    return condition_->Text(entry.line) ||
           std::any_of(entry.fields.begin(), entry.fields.end(),
                       [this](const EntryField& field) { return Test(field.value); });
  }

  const EntryReader reader_;
  const std::unique_ptr<expr::Condition> condition_;
  const bool missing_is_empty_;
};

absl::StatusOr<std::unique_ptr<EntryMatcher>> CompileAt(const Expr& expr, EntrySchema& schema, int depth) {
  if (depth > expr::kMaxExprDepth) return absl::InvalidArgumentError("the conditions nest too deep");
  switch (expr.op) {
    case Expr::Op::kTrue:
    case Expr::Op::kFalse:
      return std::make_unique<Constant>(expr.op == Expr::Op::kTrue);
    case Expr::Op::kAnd:
    case Expr::Op::kOr:
    case Expr::Op::kNot: {
      std::vector<std::unique_ptr<EntryMatcher>> children;
      for (const expr::ExprPtr& child : expr.children) {
        TAFFRAIL_ASSIGN_OR_RETURN(auto matcher, CompileAt(*child, schema, depth + 1));
        children.push_back(std::move(matcher));
      }
      return std::make_unique<Combination>(expr.op, std::move(children));
    }
    case Expr::Op::kUncertain:
      return std::make_unique<Constant>(true);  // stages may have put anything there
    case Expr::Op::kExists:
      return std::make_unique<Exists>(EntryReader(expr.field, schema), expr.non_null);
    default:
      break;
  }
  if (expr.field.source == Source::kTimestamp || expr.field.source == Source::kSequence) {
    int64_t time_ns = 0;
    std::from_chars(expr.text.data(), expr.text.data() + expr.text.size(), time_ns);
    return std::make_unique<TimeIs>(expr.op, expr.field.source, time_ns);
  }
  TAFFRAIL_ASSIGN_OR_RETURN(auto condition, expr::MakeCondition(expr));
  return std::make_unique<Leaf>(EntryReader(expr.field, schema), std::move(condition), expr.missing_is_empty);
}

}  // namespace

absl::StatusOr<std::unique_ptr<EntryMatcher>> EntryMatcher::Compile(const Expr& expr, EntrySchema& schema) {
  return CompileAt(expr, schema, 1);
}

}  // namespace taffrail::query::exec
