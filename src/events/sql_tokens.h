// SQL as tokens, as far as its shape needs them (sql_text.h).
#pragma once

#include <cstdint>
#include <string_view>

namespace taffrail::events {

enum class SqlTokenKind : uint8_t {
  kWord,    // a keyword or a bare name
  kQuoted,  // a name in double quotes or backticks, with them
  kValue,   // a literal or a parameter
  kMark,    // one character of anything else; "::" is one mark
};

struct SqlToken {
  SqlTokenKind kind = SqlTokenKind::kMark;
  std::string_view text;
  bool after_space = false;  // white space or a comment stands before it
};

class SqlTokens {
 public:
  explicit SqlTokens(std::string_view sql) : rest_(sql) {}
  bool Next(SqlToken& token);

 private:
  bool SkipSpace();
  bool SkipComment();
  SqlToken Take(SqlTokenKind kind, size_t size);
  bool ReadValue(SqlToken& token);
  size_t QuotedSize(size_t at, char quote, bool backslashes) const;
  size_t DollarQuotedSize() const;
  size_t PrefixedStringSize() const;
  size_t NumberSize() const;

  std::string_view rest_;
};

// Names' first and later characters: letters, digits, _ and $, and every byte beyond ASCII.
bool IsSqlNameStart(char c);
bool IsSqlName(char c);
// Without case, ASCII alone. `upper` is in capitals.
bool IsSqlWord(std::string_view word, std::string_view upper);

}  // namespace taffrail::events
