// Quoted values at any depth: "x", \"x\", \\\"x\\\", 'x', %22x%22, &quot;x&quot;.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace taffrail::redact {

struct Quote {
  char mark = 0;           // " ' ` or, of the written-out ones, % and &
  size_t backslashes = 0;  // before it: 0, 1, 3, 7: each depth of JSON in JSON doubles them
  size_t size = 0;         // of all of it
};

// The quote that stands at `at`, if one does.
std::optional<Quote> QuoteAt(std::string_view text, size_t at);
// Where the quoted text that begins at `from` ends: at its closing quote, or at the end of the line when
// there is none, or at a quote that must end a string around it.
size_t QuotedEnd(std::string_view text, size_t from, const Quote& quote);

}  // namespace taffrail::redact
