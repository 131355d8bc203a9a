#include "query/lang/logql/label_filter.h"

#include <utility>

#include "expr/matcher.h"
#include "fmt/format.h"
#include "query/lang/logql/logql.h"

namespace taffrail::query::lang::logql {
namespace {

using expr::Expr;
using expr::ExprPtr;
using Type = Token::Type;

// Parentheses within parentheses: people write two or three.
constexpr int kMaxDepth = 32;

bool IsComparison(const Token& token) {
  for (const std::string_view symbol : {"=", "==", "!=", ">", ">=", "<", "<="}) {
    if (token.Is(symbol)) return true;
  }
  return false;
}

bool IsTextOperator(const Token& token) {
  for (const std::string_view symbol : {"=", "!=", "=~", "!~"}) {
    if (token.Is(symbol)) return true;
  }
  return false;
}

// The left side decides whether the right one is looked at: `or` stops at what passes, `and` looks at both.
Conversion Or(const std::vector<Conversion>& parts) {
  std::vector<ExprPtr> passes;
  std::vector<ExprPtr> fails;
  bool fails_pass = true;
  for (const Conversion& part : parts) {
    fails.push_back(expr::And({expr::Not(expr::Or(passes)), part.fails}));
    passes.push_back(part.passes);
    fails_pass &= part.fails_pass;
  }
  return {.passes = expr::Or(passes), .fails = expr::Or(fails), .fails_pass = fails_pass};
}

Conversion And(const std::vector<Conversion>& parts) {
  std::vector<ExprPtr> passes;
  std::vector<ExprPtr> fails;
  for (const Conversion& part : parts) {
    passes.push_back(part.passes);
    fails.push_back(part.fails);
  }
  ExprPtr any_fails = expr::Or(fails);
  const bool none_fails = any_fails->op == Expr::Op::kFalse;
  return {.passes = expr::And(passes),
          .fails = std::move(any_fails),
          .fails_pass = none_fails || (parts.size() == 1 && parts[0].fails_pass)};
}

Conversion Sure(ExprPtr passes) {
  return {.passes = std::move(passes), .fails = expr::False(), .fails_pass = true};
}

}  // namespace

absl::Status ConditionCheck::Check(const ExprPtr& condition, size_t offset) {
  if (++count_ > kMaxConditions) {
    return reader_.ErrorAt(
        offset, fmt::format("more than {} conditions; a regular expression a|b|c is one", kMaxConditions));
  }
  const absl::Status status = expr::Matcher::Compile(condition).status();
  return status.ok() ? status : reader_.ErrorAt(offset, std::string(status.message()));
}

absl::StatusOr<TextMatch> TakeTextMatch(TokenReader& reader, size_t& text_offset) {
  if (reader.Peek().Is(".") || reader.Peek().Is(":")) {
    return reader.Error("a name has letters, digits and '_' only; after | json the field a.b is a_b");
  }
  if (!IsTextOperator(reader.Peek())) return reader.Error("expected = != =~ or !~ here");
  const Token& op = reader.Take();
  text_offset = reader.Peek().offset;
  if (reader.Peek().type != Type::kText) return reader.Error("expected a text in double quotes or backticks");
  return TextMatch{
      .is_regex = op.source.back() == '~', .is_negated = op.source[0] == '!', .text = reader.Take().text};
}

bool LabelFilterParser::AtPredicate() const {
  return reader_.Peek().Is("(") ||
         (reader_.Peek().type == Type::kName && !reader_.AtKeyword("and") && !reader_.AtKeyword("or"));
}

absl::StatusOr<Conversion> LabelFilterParser::ParseOr(int depth) {
  if (depth > kMaxDepth) return reader_.Error(fmt::format("label filters nest deeper than {}", kMaxDepth));
  const Labels before = labels_;
  std::vector<Conversion> parts;
  bool more = true;
  while (more) {
    const Labels before_part = labels_;
    TAFFRAIL_ASSIGN_OR_RETURN(Conversion part, ParseAnd(depth));
    more = reader_.TakeKeyword("or");
    if (more && part.fails_pass)
      labels_ = before_part;  // what failed passed, so that the rest is not looked at
    parts.push_back(std::move(part));
  }
  if (parts.size() == 1) return parts[0];
  Conversion any = Or(parts);
  labels_ = before;  // since of the right side only fails what the left one did not pass
  labels_.AddFailures(any.fails);
  return any;
}

absl::StatusOr<Conversion> LabelFilterParser::ParseAnd(int depth) {
  std::vector<Conversion> parts;
  do {
    TAFFRAIL_ASSIGN_OR_RETURN(Conversion part, ParseOperand(depth));
    parts.push_back(std::move(part));
  } while (reader_.TakeKeyword("and"));
  return And(parts);
}

absl::StatusOr<Conversion> LabelFilterParser::ParseOperand(int depth) {
  TAFFRAIL_ASSIGN_OR_RETURN(Conversion left, ParsePredicate(depth));
  if (!reader_.TakeSymbol(",") && !AtPredicate()) return left;
  // As deep as there are conditions, which are counted.
  TAFFRAIL_ASSIGN_OR_RETURN(Conversion right, ParseOr(depth));
  return And({std::move(left), std::move(right)});
}

absl::StatusOr<Conversion> LabelFilterParser::ParsePredicate(int depth) {
  const size_t begin = reader_.Peek().offset;
  if (!reader_.TakeSymbol("(")) return ParseNamed();
  TAFFRAIL_ASSIGN_OR_RETURN(Conversion inner, ParseOr(depth + 1));
  if (!reader_.TakeSymbol(")")) return reader_.ErrorAt(begin, "this '(' is never closed");
  return inner;
}

absl::StatusOr<Conversion> LabelFilterParser::ParseNamed() {
  if (!AtPredicate()) return reader_.Error("a label filter, such as level=\"error\", is missing here");
  const Token& name = reader_.Take();
  const bool converts = IsComparison(reader_.Peek()) && reader_.PeekNext().type == Type::kNumber;
  if (converts) {
    const std::string_view comparison = reader_.Take().source;
    const Token& number = reader_.Take();
    Conversion compared = CompareLabel(labels_.Find(name.source), comparison, number);
    TAFFRAIL_RETURN_IF_ERROR(check_.Check(compared.passes, name.offset));
    ExprPtr has_error = labels_.HasError();  // such a line passes, and nothing is looked at
    if (Labels::IsError(name.source)) return Sure(std::move(has_error));
    labels_.AddFailures(compared.fails);
    compared.passes = expr::Or({std::move(has_error), std::move(compared.passes)});
    return compared;
  }
  const bool is_ip = IsTextOperator(reader_.Peek()) && reader_.PeekNext().type == Type::kName;
  if (is_ip) {
    const std::string_view op = reader_.Take().source;
    if (reader_.TakeKeyword("ip")) return ParseIp(name, op);
    return reader_.Error("expected a text in quotes, a number, a duration, a size or ip(\"...\")");
  }
  const bool has_operator = reader_.Peek().type == Type::kSymbol && !reader_.Peek().Is("|");
  if (!has_operator) {
    return reader_.ErrorAt(
        name.offset, fmt::format("\"{}\" is no stage, and a label filter needs an operator and a value: "
                                 "{}=\"...\"",
                                 name.source, name.source));
  }
  if (IsComparison(reader_.Peek()) && !IsTextOperator(reader_.Peek())) {
    const bool is_equality = reader_.Take().source == "==";
    return reader_.Error(is_equality
                             ? "== compares with a number, a duration or a size; texts take ="
                             : "expected a number, a duration (250ms) or a size (20KB), without quotes");
  }
  return ParseText(name);
}

absl::StatusOr<Conversion> LabelFilterParser::ParseIp(const Token& name, std::string_view op) {
  if (op.back() == '~') return reader_.ErrorAt(name.offset, "ip() is compared with = or !=");
  if (!reader_.TakeSymbol("(")) return reader_.Error("expected ip(\"10.0.0.0/8\")");
  const Token& network = reader_.Peek();
  if (network.type != Type::kText)
    return reader_.Error("expected a network in quotes, such as \"10.0.0.0/8\"");
  reader_.Take();
  if (!reader_.TakeSymbol(")")) return reader_.Error("expected ')' after the network");

  Expr leaf;
  leaf.op = Expr::Op::kInNetwork;
  leaf.field = labels_.Find(name.source);
  leaf.text = network.text;
  ExprPtr inside = expr::Make(std::move(leaf));
  TAFFRAIL_RETURN_IF_ERROR(check_.Check(inside, network.offset));
  if (op == "!=") {
    Expr exists;
    exists.op = Expr::Op::kExists;
    exists.field = labels_.Find(name.source);
    inside = expr::And({expr::Make(std::move(exists)), expr::Not(std::move(inside))});
  }
  return Sure(expr::Or({labels_.HasError(), std::move(inside)}));  // a line with an error passes ip()
}

absl::StatusOr<Conversion> LabelFilterParser::ParseText(const Token& name) {
  size_t text_offset = 0;
  TAFFRAIL_ASSIGN_OR_RETURN(const TextMatch match, TakeTextMatch(reader_, text_offset));
  ExprPtr condition = MatchLabel(labels_.Find(name.source), match);
  TAFFRAIL_RETURN_IF_ERROR(check_.Check(condition, text_offset));
  if (Labels::IsError(name.source)) {
    TAFFRAIL_ASSIGN_OR_RETURN(condition, labels_.MatchError(match));
  }
  return Sure(std::move(condition));
}

}  // namespace taffrail::query::lang::logql
