// The words of a query.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace taffrail::query::lang::insights {

struct Token {
  enum class Kind : uint8_t {
    kEnd,
    kName,    // text: the name, backticks undone; path: from its first '[' on
    kText,    // text: the characters, escapes undone
    kNumber,  // text: as written
    kPeriod,  // text: as written: 5m
    kSymbol,  // text: one of the operators
  };
  Kind kind = Kind::kEnd;
  std::string text;
  std::string path;
  bool quoted = false;  // kName: it had backticks, so it is no keyword
  size_t begin = 0;
  size_t end = 0;
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  // Reads the first token. Call once.
  absl::Status Start() { return Advance(); }
  const Token& token() const { return token_; }
  absl::Status Advance();

  bool AtEnd() const { return token_.kind == Token::Kind::kEnd; }
  bool AtSymbol(std::string_view symbol) const {
    return token_.kind == Token::Kind::kSymbol && token_.text == symbol;
  }
  // Keywords are the same in either case.
  bool AtWord(std::string_view word) const;

  // REQUIRES: AtSymbol("/"). Reads /pattern/flags instead: the pattern as RE2 has it, the flags in front.
  absl::StatusOr<std::string> TakeRegex();

  std::string_view text() const { return text_; }
  size_t last_end() const { return last_end_; }  // of the token before this one
  absl::Status Error(std::string_view message) const { return ErrorAt(token_.begin, message); }
  absl::Status ErrorAt(size_t offset, std::string_view message) const;
  // The token at hand, for messages.
  std::string Shown() const;

 private:
  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  void SkipSpace();
  absl::Status ReadText(char quote);
  absl::Status ReadName();
  absl::Status ReadBackticks();
  absl::Status ReadIndex();
  void ReadNumber();
  absl::Status ReadSymbol();

  std::string_view text_;
  size_t at_ = 0;
  size_t last_end_ = 0;
  int regexes_ = 0;
  Token token_;
};

bool EqualsIgnoringCase(std::string_view a, std::string_view b);

}  // namespace taffrail::query::lang::insights
