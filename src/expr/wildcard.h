// '*' any run and '?' any one character of UTF-8: patterns of the search box.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace taffrail::expr {

// "\*", "\?" and "\\" stand for the character itself. Time is bounded by text × pattern.
class Wildcard {
 public:
  Wildcard(std::string_view pattern, bool ignore_case);
  bool Matches(std::string_view text) const;

  // The longest run of bytes that every match contains, folded when case is ignored; may be empty.
  const std::string& longest_literal() const { return longest_; }
  // The pattern is *literal*: whatever contains the literal matches.
  bool is_substring() const { return is_substring_; }

  // Writes text so that a pattern matches it literally.
  static std::string Escape(std::string_view text);

 private:
  enum class Step : unsigned char { kByte, kAnyCharacter, kAnyRun };
  struct Token {
    Step step;
    char byte;
  };
  std::vector<Token> tokens_;
  bool ignore_case_;
  std::string longest_;
  bool is_substring_ = false;
};

}  // namespace taffrail::expr
