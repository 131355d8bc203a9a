#include "redact/address.h"

#include <algorithm>
#include <array>
#include <optional>

#include "redact/chars.h"
#include "redact/value.h"

namespace taffrail::redact {
namespace {

// RFC 5321: 64 before the @, 255 behind it. User names and passwords in URLs are not bounded; 512 is
// generous.
constexpr size_t kLocalMax = 64;
constexpr size_t kDomainMax = 255;
constexpr size_t kUserInfoMax = 512;

// What ends like a file or a service of systemd is no host that takes mail: icon@2x.png, getty@tty1.service.
constexpr std::array<std::string_view, 37> kNoTopLevel = {
    "png",   "jpg",   "jpeg",  "gif",    "svg",    "webp", "ico",        "css",     "js",     "mjs",
    "ts",    "tsx",   "html",  "htm",    "json",   "xml",  "yaml",       "yml",     "txt",    "log",
    "gz",    "tgz",   "tar",   "jar",    "class",  "exe",  "dll",        "service", "socket", "timer",
    "scope", "slice", "mount", "target", "device", "swap", "localdomain"};

bool IsStop(char c) {
  return IsSpace(c) || c == '"' || c == '<' || c == '>' || c == '`' || c == '\0' || c == '|';
}

// Bytes of letters beyond ASCII, and not the blanks and full-width forms among them.
bool IsForeignLetter(std::string_view text, size_t i) {
  const auto byte = static_cast<uint8_t>(text[i]);
  if (byte < 0x80) return false;
  if (byte == 0xe2 || byte == 0xe3 || byte == 0xef) {  // punctuation, ideographic blank, full-width forms
    const auto second = static_cast<uint8_t>(At(text, i + 1));
    return !(byte == 0xe2 && (second == 0x80 || second == 0x81)) && !(byte == 0xe3 && second == 0x80) &&
           !(byte == 0xef && second >= 0xbb);
  }
  return !(byte == 0xc2 && static_cast<uint8_t>(At(text, i + 1)) <= 0xa0);
}

bool IsLocalByte(char c) {
  return IsAlnum(c) || static_cast<uint8_t>(c) >= 0x80 ||
         std::string_view("!#$%&'*+/=?^_`{|}~.-").find(c) != std::string_view::npos;
}

bool IsHostByte(char c) {
  return IsAlnum(c) || c == '-' || c == '.' || c == ':' || c == '[' || c == ']' || c == '_';
}

// "://" or one of its escaped forms ends at `end`: where it begins.
std::optional<size_t> SchemeMark(std::string_view text, size_t end) {
  if (end == 0 || (text[end - 1] != '/' && Lower(text[end - 1]) != 'f')) return std::nullopt;
  for (const std::string_view mark : {"://", ":\\/\\/", "%3A%2F%2F", "%3a%2f%2f"}) {
    if (end >= mark.size() && text.substr(end - mark.size(), mark.size()) == mark) return end - mark.size();
  }
  return std::nullopt;
}

// Where the part of a URL before its host begins: right after "://".
std::optional<size_t> UserInfoBegin(std::string_view text, size_t at) {
  const size_t least = at - std::min(at, kUserInfoMax);
  for (size_t i = at; i > least; --i) {
    if (const auto mark = SchemeMark(text, i); mark.has_value() && *mark > 0 && IsAlnum(text[*mark - 1]))
      return i;
    const char c = text[i - 1];
    if (IsStop(c)) return std::nullopt;
  }
  return std::nullopt;
}

// The last @ before the host's end: a password may hold one.
size_t LastAt(std::string_view text, size_t at) {
  size_t last = at;
  for (size_t i = at + 1; i < text.size() && i - at < kUserInfoMax; ++i) {
    const char c = text[i];
    if (IsStop(c) || c == '/' || c == '?' || c == '#' || c == '\'' || c == '\\' || c == ',' || c == ';')
      break;
    if (c == '@') last = i;
  }
  return last;
}

std::string_view HostAfter(std::string_view text, size_t from) {
  size_t end = from;
  while (end < text.size() && IsHostByte(text[end])) ++end;
  return text.substr(from, end - from);
}

// Hosts whose user names are half of the secret: Sidekiq's gem server.
bool HidesUser(std::string_view host) { return host.substr(0, host.find(':')).ends_with(".contribsys.com"); }

// True when the @ is of a URL, whether it holds a secret or not.
bool FindUrlCredentials(std::string_view text, size_t at, size_t mark_size, Findings& findings) {
  const auto begin = UserInfoBegin(text, at);
  if (!begin.has_value()) return false;
  // A path's @ (https://host/@user/x, /pkg@1.2): the authority ended before.
  const std::string_view before = text.substr(*begin, at - *begin);
  const size_t slash = before.find_first_of("/?#");
  size_t colon = before.find(':');
  size_t colon_size = 1;
  if (mark_size == 3 || colon == std::string_view::npos) {
    const size_t written = std::min(before.find("%3A"), before.find("%3a"));
    if (written != std::string_view::npos && (colon == std::string_view::npos || mark_size == 3))
      colon = written, colon_size = 3;
  }
  if (slash != std::string_view::npos && (colon == std::string_view::npos || slash < colon))
    return before.find_first_of("?=&") == std::string_view::npos;
  const size_t last = mark_size == 1 ? LastAt(text, at) : at;
  const std::string_view host = HostAfter(text, last + mark_size);
  if (host.empty()) return true;
  if (colon == std::string_view::npos) {
    // A token instead of a name: https://TOKEN@host. Names and keys that are public stay.
    const std::string_view user = text.substr(*begin, last - *begin);
    if (user.size() >= 20 && IsRandom(user) && host.find("sentry") == std::string_view::npos &&
        host.find("ingest") == std::string_view::npos)
      findings.push_back({.begin = *begin, .end = last, .rule = kUrlCredentials});
    return true;
  }
  const size_t from = *begin + colon + colon_size;
  // host:port/path@… : digits up to a slash are a port.
  if (slash != std::string_view::npos) {
    const std::string_view port = before.substr(colon + colon_size, slash - colon - colon_size);
    if (std::ranges::all_of(port, IsDigit)) return true;
  }
  const std::string_view password = text.substr(from, last - from);
  if (password.empty() || IsPlaceholder(password)) return true;
  findings.push_back({.begin = HidesUser(host) ? *begin : from, .end = last, .rule = kUrlCredentials});
  return true;
}

// "some one"@example.com: where the quoted part begins.
std::optional<size_t> QuotedLocal(std::string_view text, size_t at) {
  size_t close = at - 1;
  const size_t least = at - std::min(at, kLocalMax + 2);
  for (size_t i = close; i > least; --i) {
    if (text[i - 1] == '\n') return std::nullopt;
    if (text[i - 1] != '"' || (i >= 2 && text[i - 2] == '\\')) continue;
    const bool free = i == 1 || !(IsLocalByte(text[i - 2]) || text[i - 2] == ')' || text[i - 2] == ']');
    const std::string_view inner = text.substr(i, close - i);
    if (!free || inner.empty() || inner.find_first_of("()<>[],:;@") != std::string_view::npos) {
      // An @ within is allowed when it is escaped.
      if (!free || inner.find("\\@") == std::string_view::npos) return std::nullopt;
    }
    return i - 1;
  }
  return std::nullopt;
}

size_t LocalBegin(std::string_view text, size_t at) {
  size_t begin = at;
  while (begin > 0 && at - begin <= kLocalMax && IsLocalByte(text[begin - 1])) {
    if (static_cast<uint8_t>(text[begin - 1]) >= 0x80) {
      // Letters only; look at the character from its first byte.
      size_t first = begin - 1;
      while (first > 0 && (static_cast<uint8_t>(text[first]) & 0xc0) == 0x80) --first;
      if (!IsForeignLetter(text, first)) break;
      begin = first;
      continue;
    }
    --begin;
  }
  // Not of the name: what a URL or a form has before it, quotes and brackets, and JSON's escapes.
  const std::string_view local = text.substr(begin, at - begin);
  const size_t cut = local.find_last_of("=&?/'`{}|");
  if (cut != std::string_view::npos) begin += cut + 1;
  for (const std::string_view written :
       {"%3D", "%3d", "%22", "%20", "%3C", "%3c", "%2C", "%2c", "%3A", "%3a"}) {
    const std::string_view rest = text.substr(begin, at - begin);
    if (const size_t found = rest.rfind(written); found != std::string_view::npos)
      begin += found + written.size();
  }
  if (begin > 0 && text[begin - 1] == '\\' && begin < at) {
    const char escape = text[begin];
    if (escape == 'u' && at - begin > 5) {
      begin += 5;
    } else if (std::string_view("nrtbf").find(escape) != std::string_view::npos) {
      ++begin;
    }
  }
  while (begin < at && (text[begin] == '.' || text[begin] == '-' || text[begin] == '*')) ++begin;
  return begin;
}

// The domain of an address, or nothing when it cannot be one.
std::string_view Domain(std::string_view text, size_t from) {
  size_t end = from;
  while (end < text.size() && end - from < kDomainMax &&
         (IsAlnum(text[end]) || text[end] == '-' || text[end] == '.' || IsForeignLetter(text, end))) {
    if (static_cast<uint8_t>(text[end]) >= 0x80) {
      ++end;
      while (end < text.size() && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) ++end;
    } else {
      ++end;
    }
  }
  while (end > from && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
  return text.substr(from, end - from);
}

bool IsDomain(std::string_view domain) {
  const size_t dot = domain.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || domain[0] == '-') return false;
  if (domain.find("..") != std::string_view::npos) return false;
  const std::string_view top = domain.substr(dot + 1);
  const bool letters =
      std::ranges::all_of(top, [](char c) { return IsLetter(c) || static_cast<uint8_t>(c) >= 0x80; });
  if (top.size() < 2 || top.size() > 24 || (!letters && !StartsIgnoreCase(top, "xn--"))) return false;
  if (std::ranges::any_of(kNoTopLevel, [&](std::string_view word) { return EqualsIgnoreCase(top, word); }))
    return false;
  // A version: 1.2.3.final, v2.10-rc.dev.
  size_t numbers = 0;
  for (size_t begin = 0; begin <= dot;) {
    const size_t end = std::min(domain.find('.', begin), domain.size());
    const std::string_view label = domain.substr(begin, end - begin);
    const std::string_view digits = label.starts_with('v') ? label.substr(1) : label;
    if (!digits.empty() && std::ranges::all_of(digits, IsDigit)) ++numbers;
    begin = end + 1;
  }
  return numbers < 2;
}

// RFC 4251 writes algorithms and extensions that are a maker's own as name@domain:
// chacha20-poly1305@openssh.com, curve25519-sha256@libssh.org.
bool IsSshName(std::string_view local, std::string_view domain) {
  constexpr std::array<std::string_view, 6> kMakers = {
      "openssh.com", "libssh.org", "ssh.com", "lysator.liu.se", "putty.projects.tartarus.org",
      "tartarus.org"};
  if (std::ranges::find(kMakers, domain) == kMakers.end()) return false;
  const bool is_name =
      std::ranges::all_of(local, [](char c) { return IsLower(c) || IsDigit(c) || c == '-'; });
  constexpr std::array<std::string_view, 6> kWords = {"zlib", "eow", "fsync", "statvfs", "fstatvfs", "tun"};
  return is_name &&
         (local.find('-') != std::string_view::npos || std::ranges::find(kWords, local) != kWords.end());
}

void FindEmail(std::string_view text, size_t at, size_t mark_size, Findings& findings) {
  if (at == 0) return;
  const std::string_view domain = Domain(text, at + mark_size);
  if (!IsDomain(domain)) return;
  size_t begin = at;
  if (text[at - 1] == '"') {
    const auto quoted = QuotedLocal(text, at);
    if (!quoted.has_value()) return;
    begin = *quoted;
  } else {
    begin = LocalBegin(text, at);
  }
  if (begin >= at || at - begin > kLocalMax) return;
  const std::string_view local = text.substr(begin, at - begin);
  if (local.ends_with("***") || (text[begin] != '"' && local.find("..") != std::string_view::npos)) return;
  if (IsSshName(local, domain)) return;
  const size_t end = at + mark_size + domain.size();
  const char next = At(text, end);
  if (next == '@' || (next == '.' && At(text, end + 1) == '.')) return;
  // git@host:path is how repositories are written; ssh and a package's version are no one's address either.
  if (local == "git" || (next == ':' && IsLetter(At(text, end + 1)) &&
                         local.find('.') == std::string_view::npos && local == "hg"))
    return;
  findings.push_back({.begin = begin, .end = end, .rule = kEmail, .mask = Mask::kEmail});
}

}  // namespace

void FindAddress(const Subject& subject, size_t at, Findings& findings) {
  const size_t mark_size = subject.text[at] == '@' ? 1 : 3;
  if (FindUrlCredentials(subject.text, at, mark_size, findings)) return;
  FindEmail(subject.text, at, mark_size, findings);
}

bool MayBeQuotedAddress(std::string_view text, size_t at) {
  return at > 0 && text[at - 1] == '"' && IsDomain(Domain(text, at + 1));
}

// "john at gmail.com", "john [at] gmail.com", as people write themselves past filters. The bare word only
// where what stands before it is a name that nobody mistakes for a verb ("me at", "look at"): it has a digit,
// a dot or an underscore, or the text says that an address follows.
void FindSpelledAddress(const Subject& subject, size_t at, Findings& findings) {
  constexpr std::string_view kHosts[] = {"gmail.com",   "googlemail.com", "yahoo.com",   "hotmail.com",
                                         "outlook.com", "icloud.com",     "proton.me",   "protonmail.com",
                                         "aol.com",     "gmx.net",        "gmx.de",      "yandex.ru",
                                         "web.de",      "live.com",       "fastmail.com"};
  struct Word {
    std::string_view text;
    bool plain;
  };
  constexpr Word kAts[] = {{" at ", true},    {" AT ", true},  {" [at] ", false},
                           {" (at) ", false}, {"[at]", false}, {"(at)", false}};
  constexpr std::string_view kAnnounced[] = {
      "is ", "mail ", "mail: ", "email: ", "address ", "address: ", "contact ", "as "};
  const std::string_view text = subject.text;
  const auto* const host = std::ranges::find_if(
      kHosts, [&](std::string_view each) { return StartsIgnoreCase(text.substr(at), each); });
  if (host == std::end(kHosts)) return;
  const size_t end = at + host->size();
  if (IsAlnum(At(text, end)) || At(text, end) == '-' || (At(text, end) == '.' && IsAlnum(At(text, end + 1))))
    return;
  const std::string_view before = text.substr(0, at);
  const auto* const word =
      std::ranges::find_if(kAts, [&](const Word& each) { return before.ends_with(each.text); });
  if (word == std::end(kAts)) return;
  const size_t local_end = at - word->text.size();
  size_t begin = local_end;
  while (
      begin > 0 && local_end - begin < kLocalMax &&
      (IsAlnum(text[begin - 1]) || std::string_view("._+-").find(text[begin - 1]) != std::string_view::npos))
    --begin;
  if (begin == local_end || (begin > 0 && IsLocalByte(text[begin - 1]))) return;
  const std::string_view local = text.substr(begin, local_end - begin);
  const bool is_name =
      std::ranges::any_of(local, IsDigit) || local.find_first_of("._") != std::string_view::npos;
  const bool announced = std::ranges::any_of(
      kAnnounced, [&](std::string_view each) { return text.substr(0, begin).ends_with(each); });
  if (word->plain && !is_name && !announced) return;
  findings.push_back({.begin = begin, .end = end, .rule = kEmail});
}

void FindEntraSecret(const Subject& subject, size_t at, uint16_t rule, Findings& findings) {
  const std::string_view text = subject.text;
  if (at < 5 || text[at - 1] != 'Q' || (text[at - 2] != '7' && text[at - 2] != '8')) return;
  const auto own = [](char c) { return IsAlnum(c) || c == '_' || c == '~' || c == '.' || c == '-'; };
  const size_t begin = at - 5;
  size_t end = at + 1;
  while (end < text.size() && end - at <= 35 && own(text[end])) ++end;
  const size_t tail = end - at - 1;
  if (tail < 31 || tail > 34 || !std::ranges::all_of(text.substr(begin, 3), own)) return;
  if (begin > 0 && own(text[begin - 1]) && !(begin > 1 && text[begin - 2] == '\\')) return;
  const std::string_view value = text.substr(begin, end - begin);
  if (IsPlaceholder(value) || Entropy(value) < 3.0) return;
  findings.push_back({.begin = begin, .end = end, .rule = rule, .mask = Mask::kPartial, .head = 3});
}

}  // namespace taffrail::redact
