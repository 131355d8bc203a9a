#include "query/lang/jq/lexer.h"

#include <algorithm>
#include <cmath>

#include "expr/number.h"
#include "record/batch_builder.h"

namespace taffrail::query::lang::jq {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsNameByte(char c) { return IsNameStart(c) || IsDigit(c); }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::optional<std::vector<Token>> Run() {
    std::vector<Token> tokens;
    do {
      SkipSpace();
      if (!Take(tokens.emplace_back())) return std::nullopt;
    } while (tokens.back().kind != Token::Kind::kEnd);
    return tokens;
  }

 private:
  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void SkipSpace() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        ++at_;
      } else {
        return;
      }
    }
  }

  std::string TakeName() {
    const size_t begin = at_;
    while (IsNameByte(Peek()) || (Peek() == ':' && Peek(1) == ':' && IsNameStart(Peek(2)))) {
      at_ += Peek() == ':' ? 2 : 1;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  bool Take(Token& token) {
    if (at_ == text_.size()) return true;
    const char c = Peek();
    if (c == '"') return TakeString(token);
    if (c == '.' && IsNameStart(Peek(1))) {
      ++at_;
      token.kind = Token::Kind::kField;
      const size_t begin = at_;
      while (IsNameByte(Peek())) ++at_;
      token.text = text_.substr(begin, at_ - begin);
      return true;
    }
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return TakeNumber(token);
    if (IsNameStart(c)) {
      token.kind = Token::Kind::kWord;
      token.text = TakeName();
      return true;
    }
    if (c == '$' || c == '@') {
      ++at_;
      token.kind = Token::Kind::kOther;
      token.text = c + TakeName();
      return true;
    }
    return TakeSymbol(token);
  }

  bool TakeNumber(Token& token) {
    const size_t begin = at_;
    while (IsDigit(Peek()) || Peek() == '.') ++at_;
    if (Peek() == 'e' || Peek() == 'E') {
      ++at_;
      if (Peek() == '+' || Peek() == '-') ++at_;
      while (IsDigit(Peek())) ++at_;
    }
    token.kind = Token::Kind::kNumber;
    token.text = text_.substr(begin, at_ - begin);
    return expr::ParseNumber(token.text, token.number) && std::isfinite(token.number);
  }

  // jq's escapes are JSON's, and \( begins an interpolation.
  bool TakeString(Token& token) {
    const size_t begin = ++at_;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] != '\\') continue;
      ++at_;
      constexpr std::string_view kEscapes = "\"\\/bfnrtu";
      if (kEscapes.find(Peek()) == std::string_view::npos || Peek() == '\0') return false;
      if (Peek() == 'u' && !AtWholeCharacter()) return false;
    }
    if (at_ >= text_.size()) return false;
    token.kind = Token::Kind::kString;
    record::AppendUnescaped(text_.substr(begin, at_ - begin), token.text);
    ++at_;
    return true;
  }

  // Four digits after the u, and no half of a pair.
  bool AtWholeCharacter() const {
    for (size_t i = 1; i <= 4; ++i) {
      if (!IsDigit(Peek(i)) && !(Peek(i) >= 'a' && Peek(i) <= 'f') && !(Peek(i) >= 'A' && Peek(i) <= 'F'))
        return false;
    }
    return (Peek(1) != 'd' && Peek(1) != 'D') || (Peek(2) >= '0' && Peek(2) <= '7');
  }

  bool TakeSymbol(Token& token) {
    static constexpr std::string_view kSymbols[] = {"?//=", "//=", "?//", "|=", "+=", "-=", "*=", "/=", "%=",
                                                    "==",   "!=",  "<=",  ">=", "//", "..", ".",  "[",  "]",
                                                    "(",    ")",   "{",   "}",  "|",  ",",  ":",  ";",  "=",
                                                    "<",    ">",   "+",   "-",  "*",  "/",  "%",  "?"};
    for (const std::string_view symbol : kSymbols) {
      if (text_.substr(at_, symbol.size()) != symbol) continue;
      at_ += symbol.size();
      token.kind = Token::Kind::kSymbol;
      token.text = symbol;
      return true;
    }
    return false;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::optional<std::vector<Token>> Tokenize(std::string_view filter) { return Lexer(filter).Run(); }

}  // namespace taffrail::query::lang::jq
