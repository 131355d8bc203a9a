// Reads the words, numbers and quoted strings of our printed forms (text.h and the plan's).
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace taffrail::expr {

// Quoted so that TextScanner reads the same bytes back, whatever they are: \" \\ \n \r \t, and \xNN for other
// control bytes.
void AppendQuoted(std::string_view text, std::string& out);

// The shortest decimal that reads back the same; inf, -inf and nan.
void AppendNumber(double number, std::string& out);

class TextScanner {
 public:
  explicit TextScanner(std::string_view text) : text_(text) { SkipSpace(); }

  bool AtEnd() const { return at_ == text_.size(); }
  size_t offset() const { return at_; }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }

  // Each takes what it names, and the white space after it (newlines too).
  bool Take(char c);                           // whether it stood there
  bool TakeKeyword(std::string_view keyword);  // whether it stood there, as a whole name
  std::string_view TakeName();                 // [A-Za-z_][A-Za-z0-9_]*; empty when there is none
  absl::Status Expect(char c);
  absl::StatusOr<std::string> ExpectString();
  absl::StatusOr<double> ExpectNumber();
  absl::StatusOr<int64_t> ExpectInteger();

  absl::Status Error(std::string_view message) const { return ErrorAt(at_, message); }
  absl::Status ErrorAt(size_t offset, std::string_view message) const;

 private:
  void SkipSpace();
  std::string_view TakeNumberText();

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace taffrail::expr
