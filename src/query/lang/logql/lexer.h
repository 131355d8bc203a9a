// The tokens of LogQL, and a reader over them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "expr/expr.h"

namespace taffrail::query::lang::logql {

struct Token {
  enum class Type : uint8_t { kEnd, kName, kText, kNumber, kSymbol };
  Type type = Type::kEnd;
  size_t offset = 0;        // in the query, for errors
  std::string_view source;  // as written
  std::string text;         // kText: what the quotes hold, escapes undone
  double number = 0;        // kNumber: in nanoseconds or bytes when it has a unit
  expr::Expr::Unit unit = expr::Expr::Unit::kNone;

  bool Is(std::string_view symbol) const { return type == Type::kSymbol && source == symbol; }
};

// Without white space and comments; the last one is kEnd. The query must outlive the tokens.
absl::StatusOr<std::vector<Token>> Lex(std::string_view query);

class TokenReader {
 public:
  // REQUIRES: the tokens of Lex(query); both outlive the reader.
  TokenReader(std::string_view query, const std::vector<Token>& tokens) : query_(query), tokens_(tokens) {}

  const Token& Peek() const { return tokens_[at_]; }
  const Token& PeekNext() const { return tokens_[at_ + 1 < tokens_.size() ? at_ + 1 : at_]; }
  const Token& Take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }

  bool TakeSymbol(std::string_view symbol);    // whether it stood there
  bool TakeKeyword(std::string_view keyword);  // the same; in any case, as in Loki
  bool AtKeyword(std::string_view keyword) const;

  // Whether this name comes before the next '|' or the end of what is in parentheses or braces.
  bool NamesAhead(std::string_view name) const;

  absl::Status Error(std::string_view message) const { return ErrorAt(Peek().offset, message); }
  absl::Status ErrorAt(size_t offset, std::string_view message) const;

 private:
  std::string_view query_;
  const std::vector<Token>& tokens_;
  size_t at_ = 0;
};

}  // namespace taffrail::query::lang::logql
