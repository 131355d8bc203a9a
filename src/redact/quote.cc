#include "redact/quote.h"

#include <algorithm>

#include "redact/chars.h"

namespace taffrail::redact {
namespace {

constexpr std::string_view kPercentQuote = "%22";
constexpr std::string_view kEntityQuote = "&quot;";

// At depth d a quote is escaped d times and stands behind 2^d - 1 backslashes; one that belongs to the text
// within has 2^(d+1) - 1, and a backslash at the end of that text adds 2^(d+1).
bool Closes(size_t backslashes, size_t own) { return backslashes % (2 * (own + 1)) == own; }

}  // namespace

std::optional<Quote> QuoteAt(std::string_view text, size_t at) {
  size_t i = at;
  while (i < text.size() && text[i] == '\\') ++i;
  const size_t backslashes = i - at;
  if (i >= text.size()) return std::nullopt;
  if (IsQuote(text[i])) {
    if ((backslashes & (backslashes + 1)) != 0 || backslashes > 15) return std::nullopt;
    return Quote{text[i], backslashes, backslashes + 1};
  }
  if (backslashes > 0) return std::nullopt;
  if (text.substr(i).starts_with(kPercentQuote)) return Quote{'%', 0, kPercentQuote.size()};
  if (text.substr(i).starts_with(kEntityQuote)) return Quote{'&', 0, kEntityQuote.size()};
  return std::nullopt;
}

size_t QuotedEnd(std::string_view text, size_t from, const Quote& quote) {
  if (quote.mark == '%' || quote.mark == '&') {
    const size_t end = text.find(quote.mark == '%' ? kPercentQuote : kEntityQuote, from);
    const size_t stop = text.find_first_of(" \t\r\n\"", from);
    return std::min({end, stop, text.size()});
  }
  size_t backslashes = 0;
  for (size_t i = from; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++backslashes;
      continue;
    }
    if (c == quote.mark && (Closes(backslashes, quote.backslashes) || backslashes < quote.backslashes))
      return i - std::min(backslashes, quote.backslashes);
    if (c == '\n') return i;
    backslashes = 0;
  }
  return text.size();
}

}  // namespace taffrail::redact
