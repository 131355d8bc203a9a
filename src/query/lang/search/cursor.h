// The place in a query that is being read, and errors that show it.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "expr/syntax_error.h"

namespace taffrail::query::lang::search {

inline bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

struct Cursor {
  std::string_view text;
  size_t at = 0;

  bool AtEnd() const { return at >= text.size(); }
  char Peek(size_t ahead = 0) const { return at + ahead < text.size() ? text[at + ahead] : '\0'; }
  // A '|' by itself begins a stage; "||" is OR.
  bool AtStage() const { return Peek() == '|' && Peek(1) != '|'; }
  void SkipSpace() {
    while (!AtEnd() && IsSpace(text[at])) ++at;
  }
  // Takes `word`, and the white space after it, when it stands here as a whole word: before white space or a
  // stop.
  bool TakeWord(std::string_view word, std::string_view stops = "()") {
    if (text.substr(at, word.size()) != word) return false;
    const char after = Peek(word.size());
    if (after != '\0' && !IsSpace(after) && stops.find(after) == std::string_view::npos) return false;
    at += word.size();
    SkipSpace();
    return true;
  }

  absl::Status Error(std::string_view message) const { return ErrorAt(at, message); }
  absl::Status ErrorAt(size_t offset, std::string_view message) const {
    return expr::SyntaxError(text, offset, message);
  }
  // Adds the place to the message of something that does not know it.
  template <typename T>
  absl::StatusOr<T> Placed(absl::StatusOr<T> result, size_t offset) const {
    if (result.ok()) return result;
    return ErrorAt(offset, std::string(result.status().message()));
  }
};

}  // namespace taffrail::query::lang::search
