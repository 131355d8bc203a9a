// The tokens of LogQL.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "expr/expr.h"

namespace taffrail::query::lang::logql {

struct Token {
  enum class Type : uint8_t { kEnd, kName, kString, kNumber, kSymbol };
  Type type = Type::kEnd;
  size_t offset = 0;
  std::string text;   // kName, kSymbol: as written; kString: what it stands for; kNumber: as written
  double number = 0;  // kNumber, in `unit`: durations in nanoseconds, sizes in bytes
  expr::Expr::Unit unit = expr::Expr::Unit::kNone;
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  absl::StatusOr<Token> Next();
  std::string_view text() const { return text_; }

 private:
  void SkipSpaceAndComments();
  absl::StatusOr<Token> TakeString();
  absl::StatusOr<Token> TakeRawString();
  absl::StatusOr<Token> TakeNumber();
  absl::Status TakeEscape(std::string& out);
  absl::Status Error(size_t offset, std::string_view message) const;

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace taffrail::query::lang::logql
