#include "redact/bare_text.h"

#include <algorithm>

#include "redact/chars.h"
#include "redact/quote.h"
#include "redact/value.h"

namespace taffrail::redact {
namespace {

// A value that is no quoted text ends here at the latest: what is longer is no secret that stands by itself.
constexpr size_t kBareBytesMax = 4096;

// An escape that ends a value: a line's end or a quote of JSON. Others are of the value.
bool EscapeEnds(std::string_view text, size_t i) {
  while (At(text, i) == '\\') ++i;
  const char c = At(text, i);
  return c == 'n' || c == 'r' || c == 't' || c == 'u' || c == '"' || c == '\'' || c == '\0';
}

// `name=` or `name:` stands at i.
bool NameFollows(std::string_view text, size_t i) {
  i = SkipBlanks(text, i);
  const size_t from = i;
  while (i < text.size() && i - from < 32 && (IsNameByte(text[i]) || text[i] == ' ')) ++i;
  return i > from && IsLetter(text[from]) && (At(text, i) == '=' || At(text, i) == ':');
}

bool EndsBare(std::string_view text, size_t i, char around) {
  const char c = text[i];
  if (IsSpace(c) || c == '"' || c == '\0') return true;
  if (c == '\'' || c == '`') return c == around || !IsAlnum(At(text, i + 1));
  if (c == '\\') return EscapeEnds(text, i);
  if (c == '&')
    return NameFollows(text, i + 1) || text.substr(i).starts_with("&amp;") ||
           text.substr(i).starts_with("&quot;");
  if (c == '%') {
    const std::string_view rest = text.substr(i);
    return rest.starts_with("%22") || rest.starts_with("%27") || rest.starts_with("%20") ||
           (rest.starts_with("%26"));
  }
  if (c == ',' || c == ';') {
    const char next = At(text, i + 1);
    return next == '\0' || IsSpace(next) || IsQuote(next) || next == '\\' || NameFollows(text, i + 1);
  }
  if (c == '<') return At(text, i + 1) == '/';
  if (c != ')' && c != ']' && c != '}' && c != '>') return false;
  // A bracket that only brackets and punctuation follow was opened before the value.
  while (i < text.size() && std::string_view(")]}>,;.:!?'`\"").find(text[i]) != std::string_view::npos) ++i;
  return i >= text.size() || IsSpace(text[i]) || text[i] == '\\';
}

}  // namespace

bool IsNameByte(char c) { return IsAlnum(c) || c == '_' || c == '-' || c == '.' || c == '$'; }

size_t LineEnd(std::string_view text, size_t from, char around) {
  size_t i = from;
  for (; i < text.size() && i - from < kBareBytesMax; ++i) {
    const char c = text[i];
    if (c == '\n' || c == '\r' || c == '"') break;
    if (around != 0 && c == around) break;
    if (c == '\\' && EscapeEnds(text, i)) break;
  }
  return i;
}

size_t BareEnd(std::string_view text, size_t from, char around) {
  size_t i = from;
  while (i < text.size() && i - from < kBareBytesMax && !EndsBare(text, i, around))
    i += text[i] == '\\' ? 2 : 1;
  return std::min(i, text.size());
}

}  // namespace taffrail::redact
