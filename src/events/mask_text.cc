#include "events/mask_text.h"

#include <algorithm>

namespace taffrail::events {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool IsApostrophe(std::string_view text, size_t at) {
  return text[at] == '\'' && at > 0 && at + 1 < text.size() && IsLetter(text[at - 1]) &&
         IsLetter(text[at + 1]);
}

// Behind the quote that closes the one at `at`; a doubled one does not.
size_t EndOfQuoted(std::string_view text, size_t at) {
  for (size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] != text[at]) continue;
    if (i + 1 == text.size() || text[i + 1] != text[at]) return i + 1;
    ++i;
  }
  return text.size();
}

}  // namespace

std::string MaskQuoted(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    if ((text[i] != '\'' && text[i] != '"') || IsApostrophe(text, i)) {
      out += text[i++];
      continue;
    }
    out.append(1, text[i]).append(1, '?').append(1, text[i]);
    i = EndOfQuoted(text, i);
  }
  return out;
}

std::string PlainUrl(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const size_t scheme = url.find("://");
  const size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
  // Without a scheme it is a path, or host:port: an @ in a path is no user, but nothing is lost by dropping
  // it.
  const std::string_view authority = url.substr(host, url.find_first_of("/\\", host) - host);
  const size_t at = authority.rfind('@');
  std::string plain(url.substr(0, host));
  plain += url.substr(at == std::string_view::npos ? host : host + at + 1);
  return plain;
}

}  // namespace taffrail::events
