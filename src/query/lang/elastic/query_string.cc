#include "query/lang/elastic/query_string.h"

#include <algorithm>
#include <utility>

#include "expr/syntax_error.h"
#include "fmt/format.h"
#include "query/lang/elastic/fields.h"

namespace taffrail::query::lang::elastic {
namespace {

using expr::Expr;
using expr::ExprPtr;

// People write a few parentheses. With the deepest body around it (kMaxJsonDepth), and three levels of
// conditions for each, it stays below expr::kMaxExprDepth.
constexpr int kMaxDepth = 20;

enum class Occur : uint8_t { kShould, kMust, kMustNot };
enum class Joined : uint8_t { kNot, kAnd, kOr };

struct Clause {
  Occur occur = Occur::kShould;
  ExprPtr condition;
};

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Parser {
 public:
  Parser(std::string_view text, const QueryStringOptions& options) : text_(text), options_(options) {
    for (const std::string& field : options.fields)
      fields_.push_back(FieldOf(field.substr(0, field.find('^'))));
    if (fields_.empty()) fields_.push_back(FieldOf("*"));
  }

  absl::StatusOr<ExprPtr> Run() {
    TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr all, Clauses(fields_, 1));
    if (at_ < text_.size()) return Error("unexpected \")\"");
    return all;
  }

 private:
  absl::Status Error(std::string_view message) const { return expr::SyntaxError(text_, at_, message); }
  void Skip() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
  }
  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool Take(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  // A whole word: AND, OR, NOT, TO.
  bool TakeWord(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    const char after = Peek(word.size());
    if (after != '\0' && !IsSpace(after) && after != '(' && after != '"') return false;
    at_ += word.size();
    return true;
  }

  absl::StatusOr<ExprPtr> Clauses(const std::vector<Field>& fields, int depth) {
    if (depth > kMaxDepth) return Error("parentheses nested too deep");
    std::vector<Clause> clauses;
    for (;;) {
      Skip();
      if (at_ == text_.size() || Peek() == ')') break;
      const Joined joined = TakeWord("AND") || Take("&&")  ? Joined::kAnd
                            : TakeWord("OR") || Take("||") ? Joined::kOr
                                                           : Joined::kNot;
      Skip();
      if (joined != Joined::kNot && (clauses.empty() || at_ == text_.size() || Peek() == ')')) {
        return Error(clauses.empty() ? "expected a value before AND or OR"
                                     : "expected a value after AND or OR");
      }
      if (++count_ > kMaxClauses) return Error(fmt::format("more than {} clauses", kMaxClauses));
      Clause clause;
      bool has_sign = false;
      if (TakeWord("NOT") || Take("!") || (Peek() == '-' && Take("-"))) {
        clause.occur = Occur::kMustNot;
        Skip();
      } else if (Take("+")) {
        clause.occur = Occur::kMust;
        has_sign = true;
      }
      TAFFRAIL_ASSIGN_OR_RETURN(clause.condition, Value(fields, depth));
      Join(joined, has_sign, clause, clauses);
      clauses.push_back(std::move(clause));
    }
    return Combine(std::move(clauses), depth);
  }

  // What Lucene's classic parser makes of AND and OR: they change the clauses beside them.
  void Join(Joined joined, bool has_sign, Clause& clause, std::vector<Clause>& before) const {
    if (!before.empty()) {
      Clause& last = before.back();
      if (joined == Joined::kAnd && last.occur == Occur::kShould) last.occur = Occur::kMust;
      if (options_.and_by_default && joined == Joined::kOr && last.occur == Occur::kMust)
        last.occur = Occur::kShould;
    }
    if (clause.occur == Occur::kMustNot || has_sign) return;
    const bool required = options_.and_by_default ? joined != Joined::kOr : joined == Joined::kAnd;
    clause.occur = required ? Occur::kMust : Occur::kShould;
  }

  absl::StatusOr<ExprPtr> Combine(std::vector<Clause> clauses, int depth) const {
    std::vector<ExprPtr> all;
    std::vector<ExprPtr> should;
    bool has_must = false;
    for (Clause& clause : clauses) {
      if (clause.occur == Occur::kShould) {
        should.push_back(std::move(clause.condition));
      } else if (clause.occur == Occur::kMust) {
        all.push_back(std::move(clause.condition));
        has_must = true;
      } else {
        all.push_back(expr::Not(std::move(clause.condition)));
      }
    }
    if (!should.empty()) {
      size_t least = has_must ? 0 : 1;
      if (depth == 1 && !options_.minimum.empty()) {
        TAFFRAIL_ASSIGN_OR_RETURN(least, MinimumOf(options_.minimum, should.size()));
      }
      TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr some, AtLeast(std::move(should), least));
      all.push_back(std::move(some));
    } else if (clauses.empty()) {
      return depth == 1 ? expr::True() : expr::False();
    }
    return expr::And(std::move(all));
  }

  // One value, with the field before it if there is one.
  absl::StatusOr<ExprPtr> Value(const std::vector<Field>& fields, int depth) {
    const size_t begin = at_;
    std::string name;
    if (Peek() != '"' && Peek() != '(' && Peek() != '/' && Peek() != '[' && Peek() != '{') {
      name = Word();
      if (Peek() == ':' && !name.empty() && at_ > begin) {
        ++at_;
        Skip();
        if (name == "_exists_") return Exists(FieldOf(Word()));
        const std::string plain = Unescaped(name);
        return Single({FieldOf(plain == "*" ? "*" : plain)}, depth);
      }
    }
    at_ = begin;
    return Single(fields, depth);
  }

  absl::StatusOr<ExprPtr> Single(const std::vector<Field>& fields, int depth) {
    absl::StatusOr<ExprPtr> value = expr::False();
    switch (Peek()) {
      case '(':
        ++at_;
        value = Clauses(fields, depth + 1);
        if (!value.ok()) return value;
        if (!Take(")")) return Error("expected \")\"");
        break;
      case '"':
        value = Quoted(fields);
        break;
      case '/':
        value = Pattern(fields);
        break;
      case '[':
      case '{':
        value = Bounds(fields);
        break;
      case '>':
      case '<':
        value = Compared(fields);
        break;
      default:
        value = Plain(fields);
    }
    if (!value.ok()) return value;
    if (Take("^")) Word();  // a boost
    return value;
  }

  // Runs up to white space or what ends a word; a backslash keeps the character after it.
  std::string Word() {
    std::string word;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\\' && at_ + 1 < text_.size()) {
        word += text_.substr(at_, 2);
        at_ += 2;
        continue;
      }
      if (IsSpace(c) || std::string_view("()[]{}\":^").find(c) != std::string_view::npos) break;
      word += c;
      ++at_;
    }
    return word;
  }

  static std::string Unescaped(std::string_view word) {
    std::string out;
    for (size_t i = 0; i < word.size(); ++i) {
      if (word[i] == '\\' && i + 1 < word.size()) ++i;
      out += word[i];
    }
    return out;
  }

  static bool HasWildcard(std::string_view word) {
    for (size_t i = 0; i < word.size(); ++i) {
      if (word[i] == '\\') {
        ++i;
      } else if (word[i] == '*' || word[i] == '?') {
        return true;
      }
    }
    return false;
  }

  template <typename F>
  absl::StatusOr<ExprPtr> InAny(const std::vector<Field>& fields, F&& condition) const {
    std::vector<ExprPtr> any;
    for (const Field& field : fields) {
      absl::StatusOr<ExprPtr> one = condition(field);
      if (!one.ok() && (options_.lenient || fields.size() > 1)) continue;
      if (!one.ok()) return Error(std::string(one.status().message()));
      any.push_back(*std::move(one));
    }
    return expr::Or(std::move(any));
  }

  absl::StatusOr<ExprPtr> Plain(const std::vector<Field>& fields) {
    std::string word = Word();
    // A time or an address has colons of its own, a path slashes.
    while (Peek() == ':' && !word.empty()) {
      word += ':';
      ++at_;
      word += Word();
    }
    if (word.empty()) {
      return Error(at_ == text_.size()
                       ? "expected a value at the end of the query"
                       : fmt::format("unexpected \"{}\"; write \"\\{}\" for the character", Peek(), Peek()));
    }
    if (word.size() > 1 && !HasWildcard(word)) {  // fuzzy~1: as written
      const size_t tilde = word.rfind('~');
      if (tilde != std::string::npos && tilde > 0 && word[tilde - 1] != '\\') {
        return Error("fuzzy terms are not supported here");
      }
    }
    if (HasWildcard(word)) {
      return InAny(fields, [&](const Field& field) -> absl::StatusOr<ExprPtr> {
        return Wildcard(field, word, true, true);
      });
    }
    const std::string text = Unescaped(word);
    return InAny(fields, [&](const Field& field) { return Analyzed(field, text); });
  }

  absl::StatusOr<ExprPtr> Analyzed(const Field& field, const std::string& text) const {
    if (field.kind == Field::Kind::kAny) return Phrase(field, text);
    if (field.kind != Field::Kind::kValue || field.is_keyword)
      return Term(field, text, false, options_.now_ns);
    TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr equal, Term(field, text, false, options_.now_ns));
    ExprPtr words = Phrase(field, text);
    if (words->op == Expr::Op::kFalse) return equal;
    return expr::Or({std::move(equal), std::move(words)});
  }

  absl::StatusOr<ExprPtr> Quoted(const std::vector<Field>& fields) {
    const size_t begin = at_++;
    std::string phrase;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      phrase += text_[at_++];
    }
    if (!Take("\"")) {
      at_ = begin;
      return Error("a phrase that does not end");
    }
    if (Take("~")) Word();  // a slop: phrases are exact here
    return InAny(fields, [&](const Field& field) { return Analyzed(field, phrase); });
  }

  absl::StatusOr<ExprPtr> Pattern(const std::vector<Field>& fields) {
    const size_t begin = at_++;
    std::string pattern;
    while (at_ < text_.size() && text_[at_] != '/') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        if (text_[at_ + 1] != '/') pattern += '\\';
        ++at_;
      }
      pattern += text_[at_++];
    }
    if (!Take("/")) {
      at_ = begin;
      return Error("a regular expression that does not end; write \"\\/\" for the character");
    }
    const char after = Peek();
    if (after != '\0' && !IsSpace(after) && after != ')' && after != '^') {
      return Error("a regular expression ends here; write \"\\/\" for a slash in a value");
    }
    return InAny(fields, [&](const Field& field) { return Regex(field, pattern, false); });
  }

  std::string BoundText() {
    Skip();
    if (Peek() != '"') {
      std::string text;
      while (at_ < text_.size() && !IsSpace(text_[at_]) && text_[at_] != ']' && text_[at_] != '}') {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
        text += text_[at_++];
      }
      return text;
    }
    const size_t close = std::min(text_.find('"', at_ + 1), text_.size());
    std::string text(text_.substr(at_ + 1, close - at_ - 1));
    at_ = std::min(close + 1, text_.size());
    return text;
  }

  absl::StatusOr<ExprPtr> Bounds(const std::vector<Field>& fields) {
    const bool with_low = text_[at_++] == '[';
    const std::string low = BoundText();
    Skip();
    if (!TakeWord("TO")) return Error("expected TO between the bounds of a range");
    const std::string high = BoundText();
    Skip();
    if (Peek() != ']' && Peek() != '}') return Error("expected \"]\" or \"}\" after a range");
    const bool with_high = text_[at_++] == ']';
    if (low.empty() || high.empty()) return Error("a bound of a range is missing; write * for none");
    return InAny(fields, [&](const Field& field) -> absl::StatusOr<ExprPtr> {
      std::vector<ExprPtr> both;
      const RangeOptions options{options_.now_ns, "", options_.zone};
      if (low != "*") {
        const Bound bound{low, false, with_low ? Expr::Op::kGreaterEqual : Expr::Op::kGreater};
        TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr one, Range(field, bound, options));
        both.push_back(std::move(one));
      }
      if (high != "*") {
        const Bound bound{high, false, with_high ? Expr::Op::kLessEqual : Expr::Op::kLess};
        TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr one, Range(field, bound, options));
        both.push_back(std::move(one));
      }
      return both.empty() ? Exists(field) : expr::And(std::move(both));
    });
  }

  absl::StatusOr<ExprPtr> Compared(const std::vector<Field>& fields) {
    Bound bound;
    const bool greater = text_[at_++] == '>';
    const bool equal = Take("=");
    bound.op = greater ? (equal ? Expr::Op::kGreaterEqual : Expr::Op::kGreater)
                       : (equal ? Expr::Op::kLessEqual : Expr::Op::kLess);
    Skip();
    if (Peek() == '"') {
      bound.text = BoundText();
    } else {
      bound.text = Unescaped(Word());
      while (Take(":")) bound.text += ":" + Unescaped(Word());
    }
    if (bound.text.empty()) return Error("expected a value after a comparison");
    return InAny(fields, [&](const Field& field) {
      return Range(field, bound, {options_.now_ns, "", options_.zone});
    });
  }

  const std::string_view text_;
  const QueryStringOptions& options_;
  std::vector<Field> fields_;
  size_t at_ = 0;
  size_t count_ = 0;
};

bool IsOperatorWord(std::string_view text) {
  const std::string_view word = text.substr(0, text.find_first_of(" \t\n\r()\""));
  return word == "AND" || word == "OR" || word == "NOT";
}

// simple_query_string in the words of the other: what it has no meaning for is escaped.
std::string FromSimple(std::string_view text) {
  std::string out;
  size_t depth = 0;
  size_t closing = static_cast<size_t>(std::count(text.begin(), text.end(), ')'));
  bool at_start = true;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (at_start && IsOperatorWord(text.substr(i))) out += '\\';
    const size_t quote = c == '"' ? text.find('"', i + 1) : std::string_view::npos;
    if (c == '\\' && i + 1 < text.size()) {
      out += text.substr(i++, 2);
    } else if (c == '"' && quote != std::string_view::npos) {
      out += text.substr(i, quote - i + 1);
      i = quote;
    } else if (c == '|') {
      out += " OR ";
      at_start = true;
      continue;
    } else if (c == '+' && (at_start || IsSpace(text[i - 1]))) {
      out += " AND ";
      at_start = true;
      continue;
    } else if (c == '(' && closing > depth) {
      ++depth;
      out += c;
      at_start = true;
      continue;
    } else if (c == ')') {
      --closing;
      if (depth > 0) {
        --depth;
        out += c;
      }
    } else if (c == '-' && at_start) {
      out += c;
    } else if (c == '*' || IsSpace(c)) {
      out += c;
    } else if (std::string_view("\\\"()[]{}:^/<>!&?~+-").find(c) != std::string_view::npos) {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
    at_start = IsSpace(c);
  }
  out.append(depth, ')');
  return out;
}

// "+a" at the very start, "a |" at the end: nothing to join with.
std::string Trimmed(std::string text) {
  const auto trim = [&text](std::string_view joint) {
    while (text.starts_with(" ")) text.erase(0, 1);
    while (text.ends_with(" ")) text.pop_back();
    bool found = false;
    if (text.starts_with(std::string(joint) + " ") || text == joint) {
      text.erase(0, joint.size());
      found = true;
    }
    if (text.ends_with(" " + std::string(joint))) {
      text.resize(text.size() - joint.size());
      found = true;
    }
    return found;
  };
  while (trim("AND") || trim("OR")) {
  }
  return text;
}

}  // namespace

absl::StatusOr<ExprPtr> ParseQueryString(std::string_view text, const QueryStringOptions& options) {
  if (!options.is_simple) return Parser(text, options).Run();
  const std::string translated = Trimmed(FromSimple(text));
  QueryStringOptions lenient = options;
  lenient.lenient = true;
  auto parsed = Parser(translated, lenient).Run();
  if (parsed.ok()) return parsed;
  // Whatever is malformed is text.
  std::vector<ExprPtr> words;
  for (const std::string& word : WordsOf(text)) {
    std::vector<ExprPtr> any;
    for (const std::string& field : options.fields) any.push_back(Phrase(FieldOf(field), word));
    if (any.empty()) any.push_back(Phrase(FieldOf("*"), word));
    words.push_back(expr::Or(std::move(any)));
    if (words.size() > kMaxClauses) return parsed;
  }
  return options.and_by_default ? expr::And(std::move(words)) : expr::Or(std::move(words));
}

}  // namespace taffrail::query::lang::elastic
