// Text from logs made fit for a terminal: what it would do there is shown, not done.
//
// A log line may hold anything its writer was sent: an escape sequence that clears the screen or renames the
// window, half a UTF-8 character, a newline that fakes a second line. Whatever reaches a terminal goes
// through here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace taffrail::cmd {

// One step through UTF-8: the code point at the front of text and its length in bytes; code_point is kInvalid
// (and the length 1) for a byte that begins no well-formed character. REQUIRES: text is not empty.
struct CodePoint {
  static constexpr char32_t kInvalid = 0xffffffff;
  char32_t code_point = kInvalid;
  size_t size_bytes = 1;
};
CodePoint NextCodePoint(std::string_view text);

// Appends text with control characters (C0, DEL, C1), bidirectional overrides and invalid bytes as \n, \t,
// \x1b, \u202e …
void AppendPrintable(std::string_view text, std::string& out);
std::string Printable(std::string_view text);

// Columns the text takes on a terminal: 2 for wide characters, 0 for combining ones. REQUIRES: printable
// text.
size_t DisplayWidth(std::string_view text);

// The longest beginning of text that fits in `columns`, with '…' as its last column where something was left
// out.
std::string FitWidth(std::string_view text, size_t columns);

}  // namespace taffrail::cmd
