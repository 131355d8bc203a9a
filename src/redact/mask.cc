#include "redact/mask.h"

#include <algorithm>

#include "record/batch_builder.h"
#include "redact/chars.h"
#include "redact/hmac.h"

namespace taffrail::redact {
namespace {

// A token shorter than this is guessed too easily from its ends.
constexpr size_t kPartialLeast = 24;
// At most this many bytes are seen in a row: `sk-1234` of sk-1234...cdef.
constexpr size_t kHeadMax = 8;
constexpr size_t kHeadBeyondPrefix = 4;
constexpr size_t kTail = 4;

bool IsPlain(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return IsAlnum(c) || (c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '%'); });
}

void AppendPartial(std::string_view secret, size_t prefix, size_t tail, std::string& out) {
  const std::string_view head = secret.substr(0, std::min(prefix + kHeadBeyondPrefix, kHeadMax));
  const std::string_view end = secret.substr(secret.size() - std::min(tail, secret.size()));
  if (secret.size() < kPartialLeast || !IsPlain(head) || !IsPlain(end)) {
    out += kStars;
    return;
  }
  out.append(head).append("...").append(end);
}

// RFC 2606: kept for examples and tests, so nobody's, and nobody is found by them.
bool IsReserved(std::string_view domain) {
  constexpr std::string_view kDomains[] = {"example.com", "example.net", "example.org"};
  constexpr std::string_view kTops[] = {".example", ".test", ".invalid", ".localhost"};
  const auto ends_with = [&](std::string_view end) {
    return domain.size() >= end.size() && EqualsIgnoreCase(domain.substr(domain.size() - end.size()), end);
  };
  return std::ranges::any_of(kTops, ends_with) || std::ranges::any_of(kDomains, [&](std::string_view end) {
           return ends_with(end) &&
                  (domain.size() == end.size() || domain[domain.size() - end.size() - 1] == '.');
         });
}

void AppendEmail(std::string_view address, bool hide_domain, std::string& out) {
  size_t at = address.rfind('@');
  size_t size = 1;
  if (at == std::string_view::npos) {
    at = address.rfind("%40");
    size = 3;
  }
  if (at == std::string_view::npos) {
    out += kStars;
    return;
  }
  if (IsAlnum(address[0]) && at > 1) out += address[0];
  out.append(kStars).append(address.substr(at, size));
  const std::string_view domain = address.substr(at + size);
  if (!hide_domain || IsReserved(domain)) {
    out += domain;
    return;
  }
  if (IsAlnum(domain[0])) out += domain[0];
  out.append(kStars).append(domain.substr(domain.rfind('.')).substr(0, kHeadMax));
}

void AppendLast4(std::string_view secret, std::string& out) {
  std::string last;
  for (size_t i = secret.size(); i-- > 0 && last.size() < 4;) {
    if (IsAlnum(secret[i])) last.insert(last.begin(), secret[i]);
  }
  out += kStars;
  if (secret.size() >= 12) out += last;
}

// Of what the text says, however it is written: a value has one hash in all its spellings.
void AppendHash(std::string_view secret, bool escaped, std::string_view key, std::string& out) {
  std::string plain;
  if (escaped) record::AppendUnescaped(secret, plain);
  out.append(kStars).append(KeyedHash(key, escaped ? plain : secret));
}

}  // namespace

bool IsMasked(std::string_view value, Mask mask) {
  if (value.starts_with(kStars)) {
    const std::string_view rest = value.substr(kStars.size());
    return (rest.size() <= kTail || rest.size() == kKeyedHashSize) && std::ranges::all_of(rest, IsAlnum);
  }
  const size_t dots = value.find("...");
  if (mask == Mask::kPartial && dots <= kHeadMax) return value.size() - dots - 3 <= kTail;
  return value.empty();
}

void AppendMask(std::string_view secret, const Finding& finding, const MaskOptions& options,
                std::string& out) {
  const auto quote = [&] {
    if (finding.quotes == 0) return;
    out.append(finding.quotes - 1, '\\');
    out += '"';
  };
  quote();
  switch (finding.mask) {
    case Mask::kStars:
      out += kStars;
      break;
    case Mask::kPartial:
      AppendPartial(secret, finding.head, finding.rule == kJwt ? kTail - 1 : kTail, out);
      break;
    case Mask::kEmail:
      AppendEmail(secret, options.hide_mail_domains, out);
      break;
    case Mask::kLast4:
      AppendLast4(secret, out);
      break;
    case Mask::kHash:
      AppendHash(secret, finding.escaped, options.hash_key, out);
      break;
    case Mask::kZero:
      out += '0';
      break;
    case Mask::kRemove:
      break;
  }
  quote();
}

}  // namespace taffrail::redact
