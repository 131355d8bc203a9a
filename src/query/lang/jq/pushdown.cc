#include "query/lang/jq/pushdown.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "expr/leaf.h"
#include "expr/requirements.h"
#include "query/lang/jq/lexer.h"
#include "record/json_line.h"

namespace taffrail::query::lang::jq {
namespace {

using expr::Expr;
using expr::ExprPtr;
using expr::FieldRef;
using Kind = Token::Kind;
using Op = Expr::Op;
using Tokens = std::span<const Token>;

// Parentheses in a condition: people write a handful, and each is a call on the stack.
constexpr int kMaxDepth = 40;
// Keys of a path. The record model keeps deeper objects whole.
constexpr size_t kMaxKeys = 8;

bool IsSymbol(const Token& token, std::string_view text) {
  return token.kind == Kind::kSymbol && token.text == text;
}
bool IsWord(const Token& token, std::string_view text) {
  return token.kind == Kind::kWord && token.text == text;
}

bool IsTrue(const ExprPtr& condition) { return condition->op == Op::kTrue; }

ExprPtr AnyOf(std::vector<ExprPtr> conditions) {
  if (std::any_of(conditions.begin(), conditions.end(), IsTrue)) return expr::True();
  return conditions.size() == 1 ? conditions[0] : expr::Or(std::move(conditions));
}

ExprPtr AllOf(std::vector<ExprPtr> conditions) {
  std::erase_if(conditions, IsTrue);
  return conditions.size() == 1 ? conditions[0] : expr::And(std::move(conditions));
}

// Where the parts between separators outside of all brackets are.
template <typename IsSeparator>
std::vector<Tokens> Split(Tokens tokens, IsSeparator&& is_separator) {
  std::vector<Tokens> parts;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (IsSymbol(token, "(") || IsSymbol(token, "[") || IsSymbol(token, "{")) ++depth;
    if (IsSymbol(token, ")") || IsSymbol(token, "]") || IsSymbol(token, "}")) --depth;
    if (depth != 0 || !is_separator(token)) continue;
    parts.push_back(tokens.subspan(begin, i - begin));
    begin = i + 1;
  }
  parts.push_back(tokens.subspan(begin));
  return parts;
}

// Words and symbols that bind in ways which splitting by operators does not respect.
bool BindsElsewhere(const Token& token) {
  static constexpr std::string_view kWords[] = {"if",  "then",  "elif",   "else",    "end",
                                                "try", "catch", "reduce", "foreach", "def",
                                                "as",  "label", "import", "include", "__loc__"};
  static constexpr std::string_view kSymbols[] = {
      "//", "?//", "?//=", "//=", "=", "|=", "+=", "-=", "*=", "/=", "%=", ";", ":"};
  const auto is = [&token](std::string_view text) { return token.text == text; };
  if (token.kind == Kind::kWord) return std::any_of(std::begin(kWords), std::end(kWords), is);
  return token.kind == Kind::kSymbol && std::any_of(std::begin(kSymbols), std::end(kSymbols), is);
}

bool HasAny(Tokens tokens, bool (*is)(const Token&)) {
  return Split(tokens, is).size() > 1;  // outside of brackets
}

// A path of plain keys, as the name of a field; nothing when it is another filter, or a key has a dot.
struct Path {
  std::string name;
  size_t keys = 0;
};
std::optional<Path> PathOf(Tokens tokens) {
  Path path;
  const auto add = [&path](const std::string& key) {
    if (key.empty() || key.find('.') != std::string::npos || ++path.keys > kMaxKeys) return false;
    if (!path.name.empty()) path.name += '.';
    path.name += key;
    return true;
  };
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (IsSymbol(token, "?") && path.keys > 0) continue;
    if (token.kind == Kind::kField) {
      if (!add(token.text)) return std::nullopt;
      continue;
    }
    const bool dot = IsSymbol(token, ".");
    if (dot && i + 1 < tokens.size() && tokens[i + 1].kind == Kind::kString) {  // ."key"
      if (!add(tokens[++i].text)) return std::nullopt;
      continue;
    }
    if (dot && i + 1 < tokens.size() && IsSymbol(tokens[i + 1], "[")) ++i;
    const bool index = IsSymbol(tokens[i], "[") && (dot || path.keys > 0) && i + 2 < tokens.size() &&
                       tokens[i + 1].kind == Kind::kString && IsSymbol(tokens[i + 2], "]");
    if (!index || !add(tokens[i + 1].text)) return std::nullopt;
    i += 2;
  }
  if (path.keys == 0) return std::nullopt;
  return path;
}

// A text that means the same to jq and to the store.
bool IsPlain(std::string_view text) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // what jq makes of broken UTF-8
  return text.find('\0') == std::string_view::npos && text.find(kReplacement) == std::string_view::npos;
}

Expr Leaf(Op op, FieldRef::Source source, const Path& path) {
  Expr expr;
  expr.op = op;
  expr.field = {source, path.name};
  return expr;
}
ExprPtr OnText(Op op, const Path& path, std::string_view text) {
  Expr expr = Leaf(op, FieldRef::Source::kPath, path);
  expr.text = text;
  return expr::Make(std::move(expr));
}
ExprPtr OnNumber(Op op, FieldRef::Source source, const Path& path, double number) {
  Expr expr = Leaf(op, source, path);
  expr.is_number = true;
  expr.number = number;
  return expr::Make(std::move(expr));
}
ExprPtr Exists(const Path& path) { return expr::Make(Leaf(Op::kExists, FieldRef::Source::kField, path)); }

ExprPtr OrUncertain(const Path& path, std::vector<ExprPtr> conditions, bool no_text = false) {
  Expr uncertain = Leaf(Op::kUncertain, FieldRef::Source::kPath, path);
  uncertain.no_text = no_text;
  conditions.push_back(expr::Make(std::move(uncertain)));
  return expr::Or(std::move(conditions));
}

// Whether a value that is no text may look like this one.
bool LooksLikeAnother(std::string_view text) {
  constexpr std::string_view kStarts = "-0123456789[{";
  return text.empty() || text == "true" || text == "false" || text == "null" ||
         kStarts.find(text[0]) != std::string_view::npos;
}

// Wherever jq finds a text, the line has its words. Said of texts with ids, since the store knows which
// blocks have those, while of "uncertain" it knows nothing.
ExprPtr AndItsIds(ExprPtr condition, const std::string& text) {
  ExprPtr words = expr::Leaf(Op::kPhrase, {FieldRef::Source::kAny, ""}, text);
  if (expr::RequiredWordsOf(*words).empty()) return condition;
  return expr::And({std::move(condition), std::move(words)});
}

ExprPtr CompareText(Op op, const Path& path, const std::string& text) {
  if (!IsPlain(text)) return expr::True();
  switch (op) {
    case Op::kEqual:
      return AndItsIds(OrUncertain(path, {OnText(Op::kEqual, path, text)}), text);
    case Op::kGreater:
    case Op::kGreaterEqual:  // arrays and objects stand above all texts
      return OrUncertain(path, {OnText(op, path, text)}, true);
    case Op::kNot:  // "not equal", of which lines without the path are too: only a first key is sure to be
                    // missing
      if (path.keys > 1 || LooksLikeAnother(text)) return expr::True();
      return OrUncertain(path, {expr::Not(OnText(Op::kEqual, path, text))});
    default: {
      if (path.keys > 1 || text.empty()) return expr::True();  // to the store null is an empty text
      // Numbers, true and false stand below all texts.
      const Op beyond = op == Op::kLess ? Op::kGreaterEqual : Op::kGreater;
      return OrUncertain(path, {expr::Not(OnText(beyond, path, text))}, true);
    }
  }
}

ExprPtr CompareNumber(Op op, const Path& path, double number) {
  constexpr double kMost = 1e300;
  if (!(std::abs(number) < kMost)) return expr::True();
  // jq compares doubles, the store what is written: wider by far more than the difference.
  const double slack = std::abs(number) * 1e-9 + 1e-300;
  const double below = number - slack;
  const double above = number + slack;
  constexpr auto kPath = FieldRef::Source::kPath;
  switch (op) {
    case Op::kEqual:
      return OrUncertain(path, {expr::And({OnNumber(Op::kGreaterEqual, kPath, path, below),
                                           OnNumber(Op::kLessEqual, kPath, path, above)})});
    case Op::kGreater:
    case Op::kGreaterEqual: {
      // Not kPath: to that a text such as "7" is a number, and in jq it is greater than all of them.
      ExprPtr less = OnNumber(Op::kLess, FieldRef::Source::kField, path, below);
      return OrUncertain(path, {expr::And({Exists(path), expr::Not(std::move(less))})});
    }
    case Op::kLess:
    case Op::kLessEqual:
      if (path.keys > 1) return expr::True();
      return OrUncertain(path, {expr::Not(OnNumber(Op::kGreater, kPath, path, above))});
    default:
      return expr::True();
  }
}

// Of regular expressions with the flag i: what they find in a text that is all ASCII has the letters of
// `text` in either case; beyond ASCII more letters are the same (K and the Kelvin sign).
ExprPtr ContainsFolded(const Path& path, const std::string& text) {
  const bool ascii =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
  if (!ascii) return expr::True();
  Expr contains = Leaf(Op::kContains, FieldRef::Source::kPath, path);
  contains.text = text;
  contains.ignore_case = true;
  return OrUncertain(path, {expr::Make(std::move(contains)), OnText(Op::kRegex, path, "[^\\x00-\\x7F]")});
}

ExprPtr Contains(const Path& path, const std::string& text) {
  if (text.empty() || !IsPlain(text)) return expr::True();
  return OrUncertain(path, {OnText(Op::kContains, path, text)});
}

class Condition {
 public:
  // A whole filter, as the argument of select has it. `negated`: when it gives false or null.
  static ExprPtr OfFilter(Tokens tokens, bool negated, int depth) {
    if (depth > kMaxDepth || HasAny(tokens, BindsElsewhere)) return expr::True();
    const auto pipe = Split(tokens, [](const Token& token) { return IsSymbol(token, "|"); });
    if (pipe.size() > 2) return expr::True();
    if (pipe.size() == 2) {
      if (pipe[1].size() == 1 && IsWord(pipe[1][0], "not")) return OfChoice(pipe[0], !negated, depth);
      return negated ? expr::True() : OfFunction(pipe[0], pipe[1]);
    }
    return OfChoice(tokens, negated, depth);
  }

 private:
  // a, b: whichever of them
  static ExprPtr OfChoice(Tokens tokens, bool negated, int depth) {
    std::vector<ExprPtr> choices;
    for (const Tokens& part : Split(tokens, [](const Token& token) { return IsSymbol(token, ","); })) {
      choices.push_back(OfOr(part, negated, depth));
    }
    return AnyOf(std::move(choices));
  }

  static ExprPtr OfOr(Tokens tokens, bool negated, int depth) {
    std::vector<ExprPtr> parts;
    for (const Tokens& part : Split(tokens, [](const Token& token) { return IsWord(token, "or"); })) {
      parts.push_back(OfAnd(part, negated, depth));
    }
    return negated ? AllOf(std::move(parts)) : AnyOf(std::move(parts));
  }

  static ExprPtr OfAnd(Tokens tokens, bool negated, int depth) {
    std::vector<ExprPtr> parts;
    for (const Tokens& part : Split(tokens, [](const Token& token) { return IsWord(token, "and"); })) {
      parts.push_back(OfOperand(part, negated, depth));
    }
    return negated ? AnyOf(std::move(parts)) : AllOf(std::move(parts));
  }

  static ExprPtr OfOperand(Tokens tokens, bool negated, int depth) {
    if (tokens.size() >= 2 && IsSymbol(tokens.front(), "(") && Closes(tokens)) {
      return OfFilter(tokens.subspan(1, tokens.size() - 2), negated, depth + 1);
    }
    const auto sides = Split(tokens, [](const Token& token) { return OperatorOf(token).has_value(); });
    if (sides.size() == 2) {
      const Op op = *OperatorOf(tokens[sides[0].size()]);
      if (const auto path = PathOf(sides[0]))
        return OfComparison(negated ? Negated(op) : op, *path, sides[1]);
      if (const auto path = PathOf(sides[1])) {
        return OfComparison(negated ? Negated(Mirrored(op)) : Mirrored(op), *path, sides[0]);
      }
      return expr::True();
    }
    if (sides.size() > 1 || negated) return expr::True();
    if (const auto path = PathOf(tokens)) return Exists(*path);  // neither false nor null
    return OfHas(Path(), tokens);
  }

  // Whether the last token closes the first.
  static bool Closes(Tokens tokens) {
    int depth = 0;
    for (size_t i = 0; i < tokens.size(); ++i) {
      if (IsSymbol(tokens[i], "(")) ++depth;
      if (IsSymbol(tokens[i], ")") && --depth == 0) return i + 1 == tokens.size();
    }
    return false;
  }

  // kNot stands for !=.
  static std::optional<Op> OperatorOf(const Token& token) {
    static constexpr std::pair<std::string_view, Op> kOperators[] = {
        {"==", Op::kEqual},     {"!=", Op::kNot},    {"<", Op::kLess},
        {"<=", Op::kLessEqual}, {">", Op::kGreater}, {">=", Op::kGreaterEqual},
    };
    for (const auto& [text, op] : kOperators) {
      if (IsSymbol(token, text)) return op;
    }
    return std::nullopt;
  }
  static Op Negated(Op op) {  // all values are ordered: what is not less is greater or equal
    switch (op) {
      case Op::kEqual:
        return Op::kNot;
      case Op::kNot:
        return Op::kEqual;
      case Op::kLess:
        return Op::kGreaterEqual;
      case Op::kLessEqual:
        return Op::kGreater;
      case Op::kGreater:
        return Op::kLessEqual;
      default:
        return Op::kLess;
    }
  }
  static Op Mirrored(Op op) {
    switch (op) {
      case Op::kLess:
        return Op::kGreater;
      case Op::kLessEqual:
        return Op::kGreaterEqual;
      case Op::kGreater:
        return Op::kLess;
      case Op::kGreaterEqual:
        return Op::kLessEqual;
      default:
        return op;
    }
  }

  static ExprPtr OfComparison(Op op, const Path& path, Tokens literal) {
    const bool minus = literal.size() == 2 && IsSymbol(literal[0], "-") && literal[1].kind == Kind::kNumber;
    if (minus) return CompareNumber(op, path, -literal[1].number);
    if (literal.size() != 1) return expr::True();
    const Token& value = literal[0];
    if (value.kind == Kind::kString) return CompareText(op, path, value.text);
    if (value.kind == Kind::kNumber) return CompareNumber(op, path, value.number);
    if (IsWord(value, "null") && op == Op::kNot) return Exists(path);
    const bool boolean = IsWord(value, "true") || IsWord(value, "false");
    if (boolean && op == Op::kEqual) return OrUncertain(path, {OnText(Op::kEqual, path, value.text)});
    return expr::True();
  }

  // path | function
  static ExprPtr OfFunction(Tokens subject, Tokens call) {
    const auto path = PathOf(subject);
    const bool is_call =
        call.size() >= 4 && call[0].kind == Kind::kWord && IsSymbol(call[1], "(") && Closes(call.subspan(1));
    if (!path || !is_call) return expr::True();
    const std::string& name = call[0].text;
    const Tokens arguments = call.subspan(2, call.size() - 3);
    if (name == "has") return OfHas(*path, call);
    if (name == "IN") return OfIn(*path, arguments);
    if (arguments[0].kind != Kind::kString) return expr::True();
    const std::string& text = arguments[0].text;
    const bool alone = arguments.size() == 1;
    if (alone && (name == "contains" || name == "startswith" || name == "endswith"))
      return Contains(*path, text);
    if (name != "test" && name != "match") return expr::True();
    const bool has_flags =
        arguments.size() == 3 && IsSymbol(arguments[1], ";") && arguments[2].kind == Kind::kString;
    if (!alone && !has_flags) return expr::True();
    return OfRegex(*path, text, alone ? std::string_view() : arguments[2].text);
  }

  static ExprPtr OfRegex(const Path& path, const std::string& pattern, std::string_view flags) {
    if (flags.find_first_not_of("gnsi") != std::string_view::npos) return expr::True();
    const std::string text = RequiredText(pattern);
    if (text.empty() || !IsPlain(text)) return expr::True();
    return flags.find('i') == std::string_view::npos ? Contains(path, text) : ContainsFolded(path, text);
  }

  static ExprPtr OfHas(Path path, Tokens call) {
    const bool is_has = call.size() == 4 && IsWord(call[0], "has") && IsSymbol(call[1], "(") &&
                        call[2].kind == Kind::kString && IsSymbol(call[3], ")");
    if (!is_has) return expr::True();
    const std::string& key = call[2].text;
    if (!IsPlain(key) || key.empty() || key.find('.') != std::string::npos) return expr::True();
    path.name += (path.name.empty() ? "" : ".") + key;
    return Exists(path);
  }

  static ExprPtr OfIn(const Path& path, Tokens values) {
    std::vector<ExprPtr> any;
    for (const Tokens& value : Split(values, [](const Token& token) { return IsSymbol(token, ","); })) {
      any.push_back(OfComparison(Op::kEqual, path, value));
    }
    return AnyOf(std::move(any));
  }
};

}  // namespace

expr::ExprPtr ConditionAheadOf(std::string_view filter) {
  std::vector<ExprPtr> conditions;
  if (!record::IsUtf8(filter)) return expr::True();  // jq reads the bytes as something else
  const auto tokens = Tokenize(filter);
  if (!tokens) return expr::True();
  Tokens left(tokens->data(), tokens->size() - 1);  // without kEnd
  // What select lets through it does not change: the next one sees the line, too.
  while (left.size() >= 4 && IsWord(left[0], "select") && IsSymbol(left[1], "(")) {
    size_t end = 1;
    for (int depth = 0; end < left.size(); ++end) {
      if (IsSymbol(left[end], "(")) ++depth;
      if (IsSymbol(left[end], ")") && --depth == 0) break;
    }
    if (end + 1 < left.size() && !IsSymbol(left[end + 1], "|")) break;
    if (end == left.size()) break;
    conditions.push_back(Condition::OfFilter(left.subspan(2, end - 2), false, 1));
    left = left.subspan(std::min(end + 2, left.size()));
  }
  return AllOf(std::move(conditions));
}

}  // namespace taffrail::query::lang::jq
