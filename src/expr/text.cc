#include "expr/text.h"

#include <utility>

#include "fmt/format.h"

namespace taffrail::expr {
namespace {

constexpr std::pair<Expr::Op, std::string_view> kOperators[] = {
    {Expr::Op::kTrue, "true"},
    {Expr::Op::kFalse, "false"},
    {Expr::Op::kAnd, "and"},
    {Expr::Op::kOr, "or"},
    {Expr::Op::kNot, "not"},
    {Expr::Op::kEqual, "equal"},
    {Expr::Op::kLess, "less"},
    {Expr::Op::kLessEqual, "less_equal"},
    {Expr::Op::kGreater, "greater"},
    {Expr::Op::kGreaterEqual, "greater_equal"},
    {Expr::Op::kIn, "in"},
    {Expr::Op::kExists, "exists"},
    {Expr::Op::kUncertain, "uncertain"},
    {Expr::Op::kRegex, "regex"},
    {Expr::Op::kContains, "contains"},
    {Expr::Op::kPhrase, "phrase"},
    {Expr::Op::kWildcard, "wildcard"},
    {Expr::Op::kInNetwork, "in_network"},
};

constexpr std::pair<FieldRef::Source, std::string_view> kSources[] = {
    {FieldRef::Source::kField, "field"},
    {FieldRef::Source::kLabel, "label"},
    {FieldRef::Source::kLogql, "logql"},
    {FieldRef::Source::kPath, "path"},
    {FieldRef::Source::kStream, "stream"},
    {FieldRef::Source::kLine, "line"},
    {FieldRef::Source::kTimestamp, "timestamp"},
    {FieldRef::Source::kSequence, "sequence"},
    {FieldRef::Source::kLevel, "level"},
    {FieldRef::Source::kMessage, "message"},
    {FieldRef::Source::kAny, "any"},
};

bool HasName(FieldRef::Source source) {
  switch (source) {
    case FieldRef::Source::kField:
    case FieldRef::Source::kPath:
    case FieldRef::Source::kStream:
    case FieldRef::Source::kLabel:
    case FieldRef::Source::kLogql:
      return true;
    default:
      return false;
  }
}

template <typename Key, size_t kSize>
std::string_view NameOf(const std::pair<Key, std::string_view> (&table)[kSize], Key key) {
  for (const auto& [known, name] : table) {
    if (known == key) return name;
  }
  return {};
}

template <typename Key, size_t kSize>
bool Find(const std::pair<Key, std::string_view> (&table)[kSize], std::string_view name, Key& key) {
  for (const auto& [known, text] : table) {
    if (text == name) {
      key = known;
      return true;
    }
  }
  return false;
}

bool HasOperand(const Expr& expr) { return expr.op != Expr::Op::kExists && expr.op != Expr::Op::kUncertain; }

void AppendChildren(const Expr& expr, std::string& out);

void AppendOperand(const Expr& expr, std::string& out) {
  if (expr.op == Expr::Op::kIn) {
    out += ", [";
    for (size_t i = 0; i < expr.texts.size(); ++i) {
      if (i > 0) out += ", ";
      AppendQuoted(expr.texts[i], out);
    }
    out += ']';
  } else if (HasOperand(expr)) {
    out += ", ";
    if (expr.is_number) {
      AppendNumber(expr.number, out);
    } else {
      AppendQuoted(expr.text, out);
    }
  }
}

void Append(const Expr& expr, std::string& out) {
  out += NameOf(kOperators, expr.op);
  if (expr.op == Expr::Op::kTrue || expr.op == Expr::Op::kFalse) return;
  out += '(';
  if (!expr.children.empty()) {
    AppendChildren(expr, out);
  } else {
    out += ToString(expr.field);
    AppendOperand(expr, out);
    if (expr.ignore_case) out += ", ignore_case";
    if (expr.anchored) out += ", anchored";
    if (expr.missing_is_empty) out += ", missing_is_empty";
    if (expr.non_null) out += ", non_null";
    if (expr.no_text) out += ", no_text";
    if (expr.is_number && expr.unit == Expr::Unit::kDuration) out += ", duration";
    if (expr.is_number && expr.unit == Expr::Unit::kBytes) out += ", bytes";
  }
  out += ')';
}

void AppendChildren(const Expr& expr, std::string& out) {
  for (size_t i = 0; i < expr.children.size(); ++i) {
    if (i > 0) out += ", ";
    Append(*expr.children[i], out);
  }
}

class Parser {
 public:
  explicit Parser(TextScanner& scanner) : scanner_(scanner) {}

  absl::StatusOr<ExprPtr> ParseOne(int depth) {
    const size_t begin = scanner_.offset();
    if (depth > kMaxExprDepth) return scanner_.Error(fmt::format("nested deeper than {}", kMaxExprDepth));
    Expr expr;
    if (!Find(kOperators, scanner_.TakeName(), expr.op))
      return scanner_.ErrorAt(begin, "expected a condition");
    if (expr.op == Expr::Op::kTrue || expr.op == Expr::Op::kFalse) return Make(std::move(expr));
    TAFFRAIL_RETURN_IF_ERROR(scanner_.Expect('('));
    const bool is_tree = expr.op == Expr::Op::kAnd || expr.op == Expr::Op::kOr || expr.op == Expr::Op::kNot;
    TAFFRAIL_RETURN_IF_ERROR(is_tree ? ParseChildren(depth, expr) : ParseLeaf(expr));
    TAFFRAIL_RETURN_IF_ERROR(scanner_.Expect(')'));
    return Make(std::move(expr));
  }

 private:
  absl::Status ParseChildren(int depth, Expr& expr) {
    do {
      TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr child, ParseOne(depth + 1));
      expr.children.push_back(std::move(child));
    } while (expr.op != Expr::Op::kNot && scanner_.Take(','));
    return absl::OkStatus();
  }

  absl::Status ParseLeaf(Expr& expr) {
    TAFFRAIL_ASSIGN_OR_RETURN(expr.field, ParseField(scanner_));
    if (HasOperand(expr)) TAFFRAIL_RETURN_IF_ERROR(ParseOperand(expr));
    while (scanner_.Take(',')) TAFFRAIL_RETURN_IF_ERROR(ParseFlag(expr));
    return absl::OkStatus();
  }

  absl::Status ParseOperand(Expr& expr) {
    TAFFRAIL_RETURN_IF_ERROR(scanner_.Expect(','));
    if (expr.op == Expr::Op::kIn) return ParseTexts(expr);
    if (scanner_.Peek() != '"') return ParseBound(expr);
    TAFFRAIL_ASSIGN_OR_RETURN(expr.text, scanner_.ExpectString());
    return absl::OkStatus();
  }

  absl::Status ParseTexts(Expr& expr) {
    TAFFRAIL_RETURN_IF_ERROR(scanner_.Expect('['));
    if (scanner_.Take(']')) return absl::OkStatus();
    do {
      TAFFRAIL_ASSIGN_OR_RETURN(std::string text, scanner_.ExpectString());
      expr.texts.push_back(std::move(text));
    } while (scanner_.Take(','));
    return scanner_.Expect(']');
  }

  absl::Status ParseBound(Expr& expr) {
    const bool ordering = expr.op == Expr::Op::kLess || expr.op == Expr::Op::kLessEqual ||
                          expr.op == Expr::Op::kGreater || expr.op == Expr::Op::kGreaterEqual;
    if (!ordering) return scanner_.Error("expected a text in double quotes");
    expr.is_number = true;
    TAFFRAIL_ASSIGN_OR_RETURN(expr.number, scanner_.ExpectNumber());
    return absl::OkStatus();
  }

  absl::Status ParseFlag(Expr& expr) {
    const size_t begin = scanner_.offset();
    const std::string_view flag = scanner_.TakeName();
    if (flag == "ignore_case") {
      expr.ignore_case = true;
    } else if (flag == "anchored") {
      expr.anchored = true;
    } else if (flag == "missing_is_empty") {
      expr.missing_is_empty = true;
    } else if (flag == "non_null" && expr.op == Expr::Op::kExists) {
      expr.non_null = true;
    } else if (flag == "no_text" && expr.op == Expr::Op::kUncertain) {
      expr.no_text = true;
    } else if (flag == "duration" && expr.is_number) {
      expr.unit = Expr::Unit::kDuration;
    } else if (flag == "bytes" && expr.is_number) {
      expr.unit = Expr::Unit::kBytes;
    } else {
      return scanner_.ErrorAt(begin, "unknown flag");
    }
    return absl::OkStatus();
  }

  TextScanner& scanner_;
};

}  // namespace

std::string ToString(const FieldRef& field) {
  std::string out(NameOf(kSources, field.source));
  if (HasName(field.source)) {
    out += '(';
    AppendQuoted(field.name, out);
    out += ')';
  }
  return out;
}

std::string ToString(const Expr& expr) {
  std::string out;
  Append(expr, out);
  return out;
}

absl::StatusOr<FieldRef> ParseField(TextScanner& scanner) {
  const size_t begin = scanner.offset();
  FieldRef field;
  if (!Find(kSources, scanner.TakeName(), field.source)) return scanner.ErrorAt(begin, "expected a field");
  if (!HasName(field.source)) return field;
  TAFFRAIL_RETURN_IF_ERROR(scanner.Expect('('));
  TAFFRAIL_ASSIGN_OR_RETURN(field.name, scanner.ExpectString());
  TAFFRAIL_RETURN_IF_ERROR(scanner.Expect(')'));
  return field;
}

absl::StatusOr<ExprPtr> ParseExpr(TextScanner& scanner) { return Parser(scanner).ParseOne(1); }

absl::StatusOr<ExprPtr> Parse(std::string_view text) {
  TextScanner scanner(text);
  TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr expr, ParseExpr(scanner));
  if (!scanner.AtEnd()) return scanner.Error("expected the end");
  return expr;
}

}  // namespace taffrail::expr
