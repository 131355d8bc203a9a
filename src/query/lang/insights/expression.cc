#include "query/lang/insights/expression.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "fmt/format.h"

namespace taffrail::query::lang::insights {
namespace {

using Kind = Node::Kind;
using Result = absl::StatusOr<NodePtr>;

struct Symbol {
  std::string_view written;
  std::string_view name;
};
constexpr Symbol kComparisons[] = {{"=", "eq"},  {"!=", "ne"}, {"<", "lt"},
                                   {"<=", "le"}, {">", "gt"},  {">=", "ge"}};
constexpr Symbol kSums[] = {{"+", "add"}, {"-", "sub"}};
constexpr Symbol kProducts[] = {{"*", "mul"}, {"/", "div"}, {"%", "mod"}};

// Of rules within rules, before there is a tree to measure: parentheses and calls take two each.
constexpr int kMaxNesting = 3 * kMaxDepth;

class Parser {
 public:
  explicit Parser(Lexer& lexer) : lexer_(lexer) {}

  Result Expression() { return Many("or", &Parser::Conjunction); }
  Result Operand() { return Atom(); }

 private:
  using Rule = Result (Parser::*)();

  // Parentheses and signs: what recurses here before there is a tree to measure.
  class Deeper {
   public:
    explicit Deeper(Parser& parser) : parser_(parser) { ++parser_.nesting_; }
    ~Deeper() { --parser_.nesting_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    Parser& parser_;
  };

  absl::Status TooDeep(size_t begin) const {
    return lexer_.ErrorAt(begin, fmt::format("this nests deeper than {}", kMaxDepth));
  }

  Result Made(Kind kind, std::string_view text, std::vector<NodePtr> children, size_t begin) {
    Node node;
    node.kind = kind;
    node.text = text;
    node.begin = begin;
    node.end = lexer_.last_end();
    for (const NodePtr& child : children) node.depth = std::max(node.depth, child->depth + 1);
    if (node.depth > kMaxDepth) return TooDeep(begin);
    node.children = std::move(children);
    return std::make_shared<const Node>(std::move(node));
  }

  // `word`-separated: one node of all, so that a long list is not deep.
  Result Many(std::string_view word, Rule part) {
    const size_t begin = lexer_.token().begin;
    std::vector<NodePtr> parts;
    do {
      if (!parts.empty()) TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
      TAFFRAIL_ASSIGN_OR_RETURN(NodePtr node, (this->*part)());
      parts.push_back(std::move(node));
    } while (lexer_.AtWord(word));
    if (parts.size() == 1) return parts[0];
    return Made(Kind::kOperator, word, std::move(parts), begin);
  }

  Result Conjunction() { return Many("and", &Parser::Negation); }

  Result Negation() {
    if (!lexer_.AtWord("not")) return Comparison();
    const size_t begin = lexer_.token().begin;
    const Deeper deeper(*this);
    if (nesting_ > kMaxNesting) return TooDeep(begin);
    TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
    TAFFRAIL_ASSIGN_OR_RETURN(NodePtr inner, Negation());
    return Made(Kind::kOperator, "not", {std::move(inner)}, begin);
  }

  Result Comparison() {
    const size_t begin = lexer_.token().begin;
    TAFFRAIL_ASSIGN_OR_RETURN(NodePtr left, Chain(kSums, &Parser::Product));
    for (const Symbol& symbol : kComparisons) {
      if (!lexer_.AtSymbol(symbol.written)) continue;
      TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
      TAFFRAIL_ASSIGN_OR_RETURN(NodePtr right, Chain(kSums, &Parser::Product));
      return Made(Kind::kOperator, symbol.name, {std::move(left), std::move(right)}, begin);
    }
    if (lexer_.AtSymbol("=~")) {
      TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
      return Like(std::move(left), "regex", begin);
    }
    if (lexer_.AtWord("like")) {
      TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
      return Like(std::move(left), "like", begin);
    }
    if (lexer_.AtWord("in")) {
      TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
      return In(std::move(left), begin);
    }
    if (!lexer_.AtWord("not")) return left;
    TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
    const bool is_like = lexer_.AtWord("like");
    if (!is_like && !lexer_.AtWord("in")) return lexer_.Error("expected like or in after not");
    TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
    Result inner = is_like ? Like(std::move(left), "like", begin) : In(std::move(left), begin);
    TAFFRAIL_RETURN_IF_ERROR(inner.status());
    return Made(Kind::kOperator, "not", {*std::move(inner)}, begin);
  }

  // What stands after `like` or `=~`: a text, or a regular expression.
  Result Like(NodePtr left, std::string_view name, size_t begin) {
    const size_t at = lexer_.token().begin;
    if (lexer_.AtSymbol("/")) {
      TAFFRAIL_ASSIGN_OR_RETURN(const std::string pattern, lexer_.TakeRegex());
      TAFFRAIL_ASSIGN_OR_RETURN(NodePtr regex, Made(Kind::kText, pattern, {}, at));
      return Made(Kind::kOperator, "regex", {std::move(left), std::move(regex)}, begin);
    }
    if (lexer_.token().kind != Token::Kind::kText || name == "regex") {
      return lexer_.Error(name == "regex" ? "expected a regular expression, such as /time.*out/"
                                          : "expected \"text\" or a regular expression, such as /time.*out/");
    }
    TAFFRAIL_ASSIGN_OR_RETURN(NodePtr text, Atom());
    return Made(Kind::kOperator, name, {std::move(left), std::move(text)}, begin);
  }

  Result In(NodePtr left, size_t begin) {
    if (!lexer_.AtSymbol("[")) {
      return lexer_.Error("expected a list, such as [\"a\", \"b\"]; subqueries are not supported");
    }
    TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
    std::vector<NodePtr> children = {std::move(left)};
    while (!lexer_.AtSymbol("]")) {
      if (children.size() > 1) {
        if (!lexer_.AtSymbol(",")) return lexer_.Error("expected ',' or ']'");
        TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
      }
      const size_t at = lexer_.token().begin;
      TAFFRAIL_ASSIGN_OR_RETURN(NodePtr element, Unary());
      if (!element->IsLiteral()) return lexer_.ErrorAt(at, "expected a text in quotes or a number");
      children.push_back(std::move(element));
    }
    TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
    return Made(Kind::kOperator, "in", std::move(children), begin);
  }

  template <size_t kSize>
  Result Chain(const Symbol (&symbols)[kSize], Rule part) {
    const size_t begin = lexer_.token().begin;
    TAFFRAIL_ASSIGN_OR_RETURN(NodePtr left, (this->*part)());
    for (;;) {
      const Symbol* const found =
          std::find_if(std::begin(symbols), std::end(symbols),
                       [this](const Symbol& symbol) { return lexer_.AtSymbol(symbol.written); });
      if (found == std::end(symbols)) return left;
      TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
      TAFFRAIL_ASSIGN_OR_RETURN(NodePtr right, (this->*part)());
      TAFFRAIL_ASSIGN_OR_RETURN(
          left, Made(Kind::kOperator, found->name, {std::move(left), std::move(right)}, begin));
    }
  }

  Result Product() { return Chain(kProducts, &Parser::Power); }

  Result Power() {
    const size_t begin = lexer_.token().begin;
    const Deeper deeper(*this);
    if (nesting_ > kMaxNesting) return TooDeep(begin);
    TAFFRAIL_ASSIGN_OR_RETURN(NodePtr base, Unary());
    if (!lexer_.AtSymbol("^")) return base;
    TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
    TAFFRAIL_ASSIGN_OR_RETURN(NodePtr exponent, Power());
    return Made(Kind::kOperator, "pow", {std::move(base), std::move(exponent)}, begin);
  }

  Result Unary() {
    if (!lexer_.AtSymbol("-")) return Atom();
    const size_t begin = lexer_.token().begin;
    const Deeper deeper(*this);
    if (nesting_ > kMaxNesting) return TooDeep(begin);
    TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
    TAFFRAIL_ASSIGN_OR_RETURN(NodePtr inner, Unary());
    if (inner->kind == Kind::kNumber && !inner->text.starts_with('-')) {
      return Made(Kind::kNumber, "-" + inner->text, {}, begin);
    }
    return Made(Kind::kOperator, "neg", {std::move(inner)}, begin);
  }

  Result Atom() {
    const Token token = lexer_.token();
    switch (token.kind) {
      case Token::Kind::kText:
        return Literal(Kind::kText, token);
      case Token::Kind::kNumber:
        return Literal(Kind::kNumber, token);
      case Token::Kind::kPeriod:
        return Literal(Kind::kPeriod, token);
      case Token::Kind::kName:
        return Name(token);
      default:
        break;
    }
    if (!lexer_.AtSymbol("(")) {
      return lexer_.Error(fmt::format("expected a field, a value or a function, not {}", lexer_.Shown()));
    }
    const Deeper deeper(*this);
    if (nesting_ > kMaxNesting) return TooDeep(token.begin);
    TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
    TAFFRAIL_ASSIGN_OR_RETURN(NodePtr inner, Expression());
    if (!lexer_.AtSymbol(")")) return lexer_.Error("expected ')'");
    TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
    return inner;
  }

  Result Literal(Kind kind, const Token& token) {
    TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
    return Made(kind, token.text, {}, token.begin);
  }

  Result Name(const Token& token) {
    for (const std::string_view word : {"true", "false"}) {
      if (!lexer_.AtWord(word)) continue;
      TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
      return Made(Kind::kBool, word, {}, token.begin);
    }
    if (lexer_.AtWord("null")) return Literal(Kind::kNull, token);
    TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
    if (lexer_.AtSymbol("(") && !token.quoted) return Call(token);
    Node node;
    node.kind = Kind::kField;
    node.text = token.text;
    node.path = token.path;
    node.begin = token.begin;
    node.end = token.end;
    return std::make_shared<const Node>(std::move(node));
  }

  Result Call(const Token& token) {
    const Deeper deeper(*this);
    if (nesting_ > kMaxNesting) return TooDeep(token.begin);
    TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
    std::vector<NodePtr> arguments;
    while (!lexer_.AtSymbol(")")) {
      if (!arguments.empty()) {
        if (!lexer_.AtSymbol(",")) return lexer_.Error("expected ',' or ')'");
        TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
      }
      const size_t at = lexer_.token().begin;
      if (lexer_.AtSymbol("*")) {
        TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
        TAFFRAIL_ASSIGN_OR_RETURN(NodePtr star, Made(Kind::kStar, "*", {}, at));
        arguments.push_back(std::move(star));
        continue;
      }
      TAFFRAIL_ASSIGN_OR_RETURN(NodePtr argument, Expression());
      arguments.push_back(std::move(argument));
    }
    TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
    return Made(Kind::kCall, token.text, std::move(arguments), token.begin);
  }

  Lexer& lexer_;
  int nesting_ = 0;
};

}  // namespace

absl::StatusOr<NodePtr> ParseExpression(Lexer& lexer) { return Parser(lexer).Expression(); }

absl::StatusOr<NodePtr> ParseOperand(Lexer& lexer) { return Parser(lexer).Operand(); }

absl::StatusOr<NodePtr> ParseName(Lexer& lexer, std::string_view what) {
  const Token token = lexer.token();
  if (token.kind != Token::Kind::kName || !token.path.empty()) {
    return lexer.Error(fmt::format("expected {}, not {}", what, lexer.Shown()));
  }
  TAFFRAIL_RETURN_IF_ERROR(lexer.Advance());
  Node node;
  node.kind = Node::Kind::kField;
  node.text = token.text;
  node.begin = token.begin;
  node.end = token.end;
  return std::make_shared<const Node>(std::move(node));
}

}  // namespace taffrail::query::lang::insights
