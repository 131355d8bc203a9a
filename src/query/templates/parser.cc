#include "query/templates/parser.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "expr/syntax_error.h"
#include "fmt/format.h"
#include "query/templates/functions.h"
#include "record/batch_builder.h"

namespace taffrail::query::templates {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || IsDigit(c) ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string_view TrimRight(std::string_view text) {
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Node>> ParseAll() {
    std::vector<Node> nodes;
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string_view end, ParseList(nodes, 0));
    if (!end.empty()) return Error(fmt::format("{{{{{}}}}} ends nothing", end));
    return nodes;
  }

 private:
  // Up to {{end}} or {{else …}}, whose word is returned, or the end of the text. Of {{else if …}} only the
  // "else" is taken.
  absl::StatusOr<std::string_view> ParseList(std::vector<Node>& nodes, int depth) {
    if (depth > kMaxDepth) return Error(fmt::format("actions nest deeper than {}", kMaxDepth));
    while (true) {
      if (!TakeText(nodes)) return std::string_view();
      SkipSpace();
      if (TakeComment()) continue;
      const size_t begin = at_;
      const std::string_view word = PeekWord();
      if (word == "end" || word == "else") {
        at_ += word.size();
        SkipSpace();
        if (word == "end") TAFFRAIL_RETURN_IF_ERROR(CloseAction());
        return word;
      }
      if (word == "if" || word == "with" || word == "range") {
        at_ += word.size();
        TAFFRAIL_ASSIGN_OR_RETURN(Node node, ParseBlock(word, depth));
        nodes.push_back(std::move(node));
        continue;
      }
      Node node;
      if (word == "break" || word == "continue") {
        at_ += word.size();
        if (ranges_ == 0) return ErrorAt(begin, fmt::format("{{{{{}}}}} stands outside of range", word));
        node.kind = word == "break" ? Node::Kind::kBreak : Node::Kind::kContinue;
        SkipSpace();
      } else if (word == "define" || word == "template" || word == "block") {
        return ErrorAt(begin, fmt::format("{{{{{}}}}} is not supported here", word));
      } else {
        node.kind = Node::Kind::kPrint;
        TAFFRAIL_ASSIGN_OR_RETURN(node.pipeline, ParsePipeline(0, /*in_range=*/false));
      }
      TAFFRAIL_RETURN_IF_ERROR(CloseAction());
      nodes.push_back(std::move(node));
    }
  }

  absl::StatusOr<Node> ParseBlock(std::string_view word, int depth) {
    const size_t begin = at_;
    Node node;
    node.kind = word == "if" ? Node::Kind::kIf : word == "with" ? Node::Kind::kWith : Node::Kind::kRange;
    SkipSpace();
    TAFFRAIL_ASSIGN_OR_RETURN(node.pipeline, ParsePipeline(0, word == "range"));
    TAFFRAIL_RETURN_IF_ERROR(CloseAction());
    ranges_ += word == "range" ? 1 : 0;
    const auto end = ParseList(node.body, depth + 1);
    ranges_ -= word == "range" ? 1 : 0;
    TAFFRAIL_RETURN_IF_ERROR(end.status());
    if (*end == "else") {
      const std::string_view next = PeekWord();
      if (next == "if" || next == "with") {  // {{else if …}}: the rest is one block, with our {{end}}
        at_ += next.size();
        if (depth + 1 > kMaxDepth) return Error(fmt::format("actions nest deeper than {}", kMaxDepth));
        TAFFRAIL_ASSIGN_OR_RETURN(Node chained, ParseBlock(next, depth + 1));
        node.otherwise.push_back(std::move(chained));
        return node;
      }
      TAFFRAIL_RETURN_IF_ERROR(CloseAction());
      TAFFRAIL_ASSIGN_OR_RETURN(const std::string_view last, ParseList(node.otherwise, depth + 1));
      if (last == "else") return Error("a second {{else}}");
      if (last.empty()) return ErrorAt(begin, fmt::format("this {{{{{}}}}} has no {{{{end}}}}", word));
    } else if (end->empty()) {
      return ErrorAt(begin, fmt::format("this {{{{{}}}}} has no {{{{end}}}}", word));
    }
    return node;
  }

  // Text up to the next action, whose braces are taken too; false at the end.
  bool TakeText(std::vector<Node>& nodes) {
    const size_t open = text_.find("{{", at_);
    std::string_view text = text_.substr(at_, open == std::string_view::npos ? open : open - at_);
    at_ = open == std::string_view::npos ? text_.size() : open + 2;
    if (trim_next_) {
      while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
      trim_next_ = false;
    }
    if (at_ + 1 < text_.size() && text_[at_] == '-' && IsSpace(text_[at_ + 1]) &&
        open != std::string_view::npos) {
      text = TrimRight(text);
      ++at_;
    }
    if (!text.empty()) {
      Node node;
      node.text = text;
      nodes.push_back(std::move(node));
    }
    return open != std::string_view::npos;
  }

  bool TakeComment() {
    if (!text_.substr(std::min(at_, text_.size())).starts_with("/*")) return false;
    const size_t close = text_.find("*/", at_ + 2);
    if (close == std::string_view::npos) return false;
    at_ = close + 2;
    SkipSpace();
    return CloseAction().ok();
  }

  absl::Status CloseAction() {
    SkipSpace();
    const std::string_view rest = Rest();
    if (rest.starts_with("-}}") && at_ > 0 && IsSpace(text_[at_ - 1])) {
      at_ += 3;
      trim_next_ = true;
      return absl::OkStatus();
    }
    if (!rest.starts_with("}}"))
      return Error(rest.empty() ? "this action is never closed: expected }}" : "expected }}");
    at_ += 2;
    return absl::OkStatus();
  }

  absl::StatusOr<Pipeline> ParsePipeline(int depth, bool in_range) {
    if (depth > kMaxDepth) return Error(fmt::format("parentheses nest deeper than {}", kMaxDepth));
    Pipeline pipeline;
    TAFFRAIL_RETURN_IF_ERROR(ParseDeclaration(pipeline, in_range));
    while (true) {
      Command command;
      while (!AtCommandEnd()) {
        TAFFRAIL_ASSIGN_OR_RETURN(Operand operand, ParseOperand(depth));
        command.operands.push_back(std::move(operand));
        const size_t end = at_;
        SkipSpace();
        if (at_ == end && !AtCommandEnd() && text_[at_] != '.')
          return Error("expected a space between two values");
      }
      if (command.operands.empty())
        return Error("expected a value: .field, $variable, a text, a number or a function");
      const bool follows = !pipeline.commands.empty();
      if (follows && command.operands[0].kind != Operand::Kind::kFunction) {
        return Error("what follows a '|' must be a function");
      }
      if (command.operands.size() > 1 && command.operands[0].kind != Operand::Kind::kFunction) {
        return Error("only a function takes arguments");
      }
      pipeline.commands.push_back(std::move(command));
      if (!Rest().starts_with("|")) return pipeline;
      ++at_;
      SkipSpace();
      if (AtCommandEnd() && !Rest().starts_with("|")) return pipeline;  // Go lets one stand at the end
    }
  }

  // "$x :=", "$x =", "$i, $x :=".
  absl::Status ParseDeclaration(Pipeline& pipeline, bool in_range) {
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] == '$') {
      ++at_;
      const std::string_view name = PeekWord();
      at_ += name.size();
      pipeline.variables.emplace_back(name);
      SkipSpace();
      if (in_range && pipeline.variables.size() == 1 && Rest().starts_with(",")) {
        ++at_;
        SkipSpace();
        continue;
      }
      break;
    }
    pipeline.declares = Rest().starts_with(":=");
    if (pipeline.declares || (Rest().starts_with("=") && !Rest().starts_with("=="))) {
      at_ += pipeline.declares ? 2 : 1;
      SkipSpace();
      if (pipeline.declares) {
        for (const std::string& name : pipeline.variables) declared_.push_back(name);
      }
      return absl::OkStatus();
    }
    pipeline.variables.clear();
    at_ = begin;
    return absl::OkStatus();
  }

  bool AtCommandEnd() const {
    const std::string_view rest = Rest();
    return rest.empty() || rest[0] == '|' || rest[0] == ')' || rest.starts_with("}}") ||
           rest.starts_with("-}}");
  }

  absl::StatusOr<Operand> ParseOperand(int depth) {
    Operand operand;
    const char c = text_[at_];
    if (c == '.' && !(at_ + 1 < text_.size() && IsDigit(text_[at_ + 1]))) {
      operand.kind = Operand::Kind::kDot;
      if (at_ + 1 >= text_.size() || !IsNameChar(text_[at_ + 1])) {
        ++at_;
        return operand;
      }
    } else if (c == '$') {
      ++at_;
      operand.kind = Operand::Kind::kVariable;
      operand.name = PeekWord();
      at_ += operand.name.size();
      const bool known = operand.name.empty() ||
                         std::find(declared_.begin(), declared_.end(), operand.name) != declared_.end();
      if (!known) return Error(fmt::format("undefined variable \"${}\"", operand.name));
    } else if (c == '(') {
      ++at_;
      SkipSpace();
      operand.kind = Operand::Kind::kPipeline;
      TAFFRAIL_ASSIGN_OR_RETURN(Pipeline inner, ParsePipeline(depth + 1, /*in_range=*/false));
      operand.inner = std::make_shared<Pipeline>(std::move(inner));
      if (!Rest().starts_with(")")) return Error("expected ')'");
      ++at_;
    } else if (c == '"' || c == '`' || c == '\'') {
      return ParseQuoted(c);
    } else if (IsDigit(c) || c == '-' || c == '+' || c == '.') {
      return ParseNumber();
    } else {
      return ParseWord();
    }
    while (at_ + 1 < text_.size() && text_[at_] == '.' && IsNameChar(text_[at_ + 1])) {
      ++at_;
      operand.path.emplace_back(PeekWord());
      at_ += operand.path.back().size();
    }
    return operand;
  }

  absl::StatusOr<Operand> ParseWord() {
    Operand operand;
    const std::string_view word = PeekWord();
    if (word.empty()) return Error("expected a value: .field, $variable, a text, a number or a function");
    if (word == "true" || word == "false" || word == "nil") {
      operand.kind = Operand::Kind::kConstant;
      operand.constant = word == "nil" ? Value() : Value(word == "true");
    } else {
      if (!IsFunction(word)) return Error(fmt::format("function \"{}\" not defined", word));
      operand.kind = Operand::Kind::kFunction;
      operand.name = word;
    }
    at_ += word.size();
    return operand;
  }

  absl::StatusOr<Operand> ParseNumber() {
    const size_t begin = at_;
    if (text_[at_] == '+' || text_[at_] == '-') ++at_;
    while (at_ < text_.size() && (IsNameChar(text_[at_]) || text_[at_] == '.')) ++at_;
    const std::string_view text = text_.substr(begin, at_ - begin);
    std::string_view digits = text.starts_with("+") ? text.substr(1) : text;
    Operand operand;
    operand.kind = Operand::Kind::kConstant;
    int64_t integer = 0;
    double number = 0;
    const char* const end = digits.data() + digits.size();
    if (const auto r = std::from_chars(digits.data(), end, integer); r.ec == std::errc() && r.ptr == end) {
      operand.constant = integer;
      return operand;
    }
    if (const auto r = std::from_chars(digits.data(), end, number); r.ec == std::errc() && r.ptr == end) {
      operand.constant = number;
      return operand;
    }
    return ErrorAt(begin, fmt::format("\"{}\" is no number", text));
  }

  absl::StatusOr<Operand> ParseQuoted(char quote) {
    const size_t begin = at_++;
    while (at_ < text_.size() && text_[at_] != quote) at_ += text_[at_] == '\\' && quote != '`' ? 2 : 1;
    if (at_ >= text_.size()) return ErrorAt(begin, "this quote is never closed");
    const std::string_view inside = text_.substr(begin + 1, at_ - begin - 1);
    ++at_;
    Operand operand;
    operand.kind = Operand::Kind::kConstant;
    std::string text;
    if (quote == '`') {
      text = inside;
    } else {
      Unescape(inside, text);
    }
    if (quote == '\'') {
      if (text.size() != 1) return ErrorAt(begin, "one character stands in single quotes");
      operand.constant = static_cast<int64_t>(static_cast<unsigned char>(text[0]));
    } else {
      operand.constant = std::move(text);
    }
    return operand;
  }

  static void Unescape(std::string_view inside, std::string& text) {
    for (size_t i = 0; i < inside.size(); ++i) {
      if (inside[i] != '\\' || i + 1 >= inside.size()) {
        text += inside[i];
        continue;
      }
      const char c = inside[++i];
      if (c == 'u' && i + 4 < inside.size()) {
        record::AppendUnescaped(inside.substr(i - 1, 6), text);
        i += 4;
        continue;
      }
      constexpr std::string_view kFrom = "ntrabfv\\\"'";
      constexpr std::string_view kTo = "\n\t\r\a\b\f\v\\\"'";
      const size_t found = kFrom.find(c);
      if (found == std::string_view::npos) text += '\\';
      text += found == std::string_view::npos ? c : kTo[found];
    }
  }

  std::string_view Rest() const { return text_.substr(std::min(at_, text_.size())); }
  std::string_view PeekWord() const {
    size_t end = at_;
    while (end < text_.size() && IsNameChar(text_[end])) ++end;
    return text_.substr(std::min(at_, text_.size()), end - at_);
  }
  void SkipSpace() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
  }
  absl::Status Error(std::string_view message) const { return ErrorAt(at_, message); }
  absl::Status ErrorAt(size_t at, std::string_view message) const {
    return expr::SyntaxError(text_, at, message);
  }

  std::string_view text_;
  size_t at_ = 0;
  bool trim_next_ = false;
  int ranges_ = 0;
  std::vector<std::string> declared_;
};

}  // namespace

absl::StatusOr<std::vector<Node>> ParseNodes(std::string_view text) { return Parser(text).ParseAll(); }

}  // namespace taffrail::query::templates
