#include "query/lang/logql/lexer.h"

#include <charconv>
#include <optional>

#include "base/duration.h"
#include "expr/syntax_error.h"
#include "expr/units.h"
#include "expr/words.h"
#include "fmt/format.h"
#include "query/lang/logql/quoted.h"

namespace taffrail::query::lang::logql {
namespace {

// Longer ones before their beginnings.
constexpr std::string_view kSymbols[] = {
    "|=", "|~", "|>", "!=", "!~", "!>", "=~", "==", ">=", "<=", "=", ">", "<", "|", "{",
    "}",  "(",  ")",  "[",  "]",  ",",  "+",  "-",  "*",  "/",  "%", "^", ".", "@", ":"};

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsNameByte(char c) { return IsNameStart(c) || IsDigit(c); }
// Of a number with its unit; µ is no ASCII.
bool IsQuantityByte(char c) { return IsNameByte(c) || c == '.' || static_cast<unsigned char>(c) >= 0x80; }

class Lexer {
 public:
  explicit Lexer(std::string_view query) : query_(query) {}

  absl::StatusOr<std::vector<Token>> Run() {
    std::vector<Token> tokens;
    do {
      SkipSpaceAndComments();
      Token& token = tokens.emplace_back();
      token.offset = at_;
      const bool after_operand = tokens.size() > 1 && EndsOperand(tokens[tokens.size() - 2]);
      TAFFRAIL_RETURN_IF_ERROR(TakeToken(token, after_operand));
      token.source = query_.substr(token.offset, at_ - token.offset);
    } while (tokens.back().type != Token::Type::kEnd);
    return tokens;
  }

 private:
  char At(size_t offset) const { return offset < query_.size() ? query_[offset] : '\0'; }

  absl::Status Error(size_t offset, std::string_view message) const {
    return expr::SyntaxError(query_, offset, message);
  }

  void SkipSpaceAndComments() {
    while (at_ < query_.size()) {
      if (query_[at_] == '#') {
        at_ = std::min(query_.find('\n', at_), query_.size());
      } else if (IsSpace(query_[at_])) {
        ++at_;
      } else {
        return;
      }
    }
  }

  // Whether a '-' after this token subtracts, and is not the sign of a number.
  static bool EndsOperand(const Token& token) {
    return token.type == Token::Type::kNumber || token.Is(")") || token.Is("}") || token.Is("]");
  }

  absl::Status TakeToken(Token& token, bool after_operand) {
    if (at_ == query_.size()) return absl::OkStatus();
    const char c = query_[at_];
    if (IsNameStart(c)) {
      token.type = Token::Type::kName;
      while (IsNameByte(At(at_))) ++at_;
      return absl::OkStatus();
    }
    if (c == '"' || c == '`') return TakeText(token);
    const size_t digit = at_ + ((c == '-' || c == '+') && !after_operand ? 1 : 0);
    if (IsDigit(At(digit)) || (At(digit) == '.' && IsDigit(At(digit + 1)))) return TakeNumber(token);
    return TakeSymbol(token);
  }

  absl::Status TakeText(Token& token) {
    token.type = Token::Type::kText;
    const Quoted quoted = ReadQuoted(query_.substr(at_), token.text);
    if (!quoted.error.empty()) return Error(at_ + quoted.size, quoted.error);
    at_ += quoted.size;
    return absl::OkStatus();
  }

  absl::Status TakeNumber(Token& token) {
    token.type = Token::Type::kNumber;
    if (query_[at_] == '-' || query_[at_] == '+') ++at_;
    while (IsQuantityByte(At(at_))) {
      const bool exponent = (query_[at_] == 'e' || query_[at_] == 'E') &&
                            (At(at_ + 1) == '-' || At(at_ + 1) == '+') && IsDigit(At(at_ + 2));
      at_ += exponent ? 2 : 1;
    }
    const std::string_view text = query_.substr(token.offset, at_ - token.offset);
    if (ReadQuantity(text, token)) return absl::OkStatus();
    return Error(token.offset,
                 fmt::format("\"{}\" is no number, duration (250ms, 1h30m) or size (20KB, 5MiB); texts stand "
                             "in quotes",
                             text));
  }

  // What is both is a duration, as in Loki: 5m is five minutes.
  static bool ReadQuantity(std::string_view text, Token& token) {
    const std::string_view digits = text[0] == '+' ? text.substr(1) : text;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), token.number);
    if (result.ec == std::errc() && result.ptr == digits.data() + digits.size()) return true;
    if (const std::optional<int64_t> duration_ns = base::ParseDuration(text)) {
      token.number = static_cast<double>(*duration_ns);
      token.unit = expr::Expr::Unit::kDuration;
      return true;
    }
    token.unit = expr::Expr::Unit::kBytes;
    return expr::ParseByteSize(digits, token.number);
  }

  absl::Status TakeSymbol(Token& token) {
    token.type = Token::Type::kSymbol;
    for (const std::string_view symbol : kSymbols) {
      if (query_.substr(at_).starts_with(symbol)) {
        at_ += symbol.size();
        return absl::OkStatus();
      }
    }
    if (query_[at_] == '\'') return Error(at_, "texts stand in double quotes or backticks");
    return Error(at_, "this character has no meaning here; texts stand in double quotes or backticks");
  }

  std::string_view query_;
  size_t at_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<Token>> Lex(std::string_view query) { return Lexer(query).Run(); }

bool TokenReader::TakeSymbol(std::string_view symbol) {
  if (!Peek().Is(symbol)) return false;
  Take();
  return true;
}

bool TokenReader::AtKeyword(std::string_view keyword) const {
  if (Peek().type != Token::Type::kName) return false;
  std::string folded;
  expr::AppendFolded(Peek().source, folded);
  return folded == keyword;
}

bool TokenReader::TakeKeyword(std::string_view keyword) {
  if (!AtKeyword(keyword)) return false;
  Take();
  return true;
}

bool TokenReader::NamesAhead(std::string_view name) const {
  for (size_t i = at_; i < tokens_.size(); ++i) {
    const Token& token = tokens_[i];
    if (token.Is("|") || token.Is("[") || token.type == Token::Type::kEnd) return false;
    if (token.type == Token::Type::kName && token.source == name) return true;
  }
  return false;
}

absl::Status TokenReader::ErrorAt(size_t offset, std::string_view message) const {
  return expr::SyntaxError(query_, offset, message);
}

}  // namespace taffrail::query::lang::logql
