#include "redact/structured.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "redact/chars.h"
#include "redact/quote.h"
#include "redact/value.h"

namespace taffrail::redact {
namespace {

constexpr size_t kJwtPartMax = 64 << 10;  // far beyond what servers take in a header
constexpr size_t kKeyBytesMax = 64 << 10;
constexpr size_t kCommandBytesMax = 4096;  // how far from a command its options may stand

bool IsBase64Url(char c) { return IsAlnum(c) || c == '-' || c == '_'; }

int Base64Digit(char c) {
  if (IsUpper(c)) return c - 'A';
  if (IsLower(c)) return c - 'a' + 26;
  if (IsDigit(c)) return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

constexpr size_t kDecodedMax = 1024;  // enough to know what it is

// Up to the first byte that is no base64.
std::string DecodeBase64(std::string_view text) {
  std::string decoded;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = Base64Digit(c);
    if (digit < 0 || decoded.size() >= kDecodedMax) break;
    bits = (bits << 6) | static_cast<uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    decoded += static_cast<char>(bits >> count & 0xff);
  }
  return decoded;
}

// A JOSE header: JSON that names an algorithm, a type or a key.
bool IsJoseHeader(std::string_view part) {
  const std::string json = DecodeBase64(part);
  if (!json.starts_with("{")) return false;
  constexpr std::array<std::string_view, 10> kNames = {"\"alg\"", "\"typ\"", "\"enc\"", "\"kid\"", "\"cty\"",
                                                       "\"kty\"", "\"x5t",   "\"x5c\"", "\"jku\"", "\"jwk\""};
  return std::ranges::any_of(
      kNames, [&](std::string_view name) { return json.find(name) != std::string_view::npos; });
}

size_t PartEnd(std::string_view text, size_t from) {
  size_t end = from;
  while (end < text.size() && end - from < kJwtPartMax && IsBase64Url(text[end])) ++end;
  return end;
}

// Two parts (unsigned, cut off), three (signed) or five (encrypted).
std::optional<size_t> JwtEnd(std::string_view text, size_t at) {
  const size_t header_end = PartEnd(text, at);
  if (At(text, header_end) != '.') return std::nullopt;
  if (!IsJoseHeader(text.substr(at, header_end - at))) return std::nullopt;
  size_t end = header_end;
  for (int parts = 1; parts < 5 && At(text, end) == '.'; ++parts) {
    const size_t part_end = PartEnd(text, end + 1);
    if (parts == 1 && part_end - end < 5) return std::nullopt;
    if (part_end == end + 1 && parts > 1) break;
    end = part_end;
  }
  return end;
}

bool IsKeyByte(char c) {
  return IsAlnum(c) || IsSpace(c) || std::string_view("+/=\\:,.-").find(c) != std::string_view::npos;
}

struct CommandOption {
  std::string_view command;
  std::string_view option;
  bool pair;  // user:password
};
constexpr std::array<CommandOption, 9> kOptions = {{{"curl", "-u", true},
                                                    {"curl", "--user", true},
                                                    {"curl", "-U", true},
                                                    {"curl", "--proxy-user", true},
                                                    {"sshpass", "-p", false},
                                                    {"docker login", "-p", false},
                                                    {"redis-cli", "-a", false},
                                                    {"htpasswd", "-b", false},
                                                    {"smbclient", "-U", true}}};

// A word of the shell, its quotes and all.
size_t WordEnd(std::string_view text, size_t at, bool json) {
  while (at < text.size() && !IsSpace(text[at])) {
    const auto quote = QuoteAt(text, at);
    if (!quote.has_value()) {
      ++at;
      continue;
    }
    if (json && quote->mark == '"' && quote->backslashes == 0) return at;
    const size_t close = QuotedEnd(text, at + quote->size, *quote);
    if (close >= text.size() || text[close] == '\n') return at;  // not closed: ends what it stands in
    at = close + quote->size;
  }
  return std::min(at, text.size());
}

void CheckOption(const Subject& subject, size_t at, bool pair, Findings& findings) {
  const std::string_view text = subject.text;
  size_t begin = at;
  if (At(text, begin) == '=') ++begin;
  begin = SkipBlanks(text, begin);
  const size_t end = WordEnd(text, begin, subject.json);
  if (end <= begin) return;
  std::string plain(text.substr(begin, end - begin));
  std::erase_if(plain, [](char c) { return IsQuote(c) || c == '\\'; });
  const size_t colon = plain.find(':');
  if (pair && colon == std::string_view::npos) return;
  const std::string user = pair ? plain.substr(0, colon) : plain;
  const std::string password = pair ? plain.substr(colon + 1) : plain;
  if (IsPlaceholder(user) && (password.empty() || IsPlaceholder(password))) return;
  if (!password.empty() && IsPlaceholder(password)) return;
  if (plain.find("{{") != std::string_view::npos || plain.find("${") != std::string_view::npos) return;
  findings.push_back({.begin = begin, .end = end, .rule = kCommandUser});
}

// Not in curl/8.5.0, which is how it introduces itself to servers.
bool StartsWith(const CommandOption& option, std::string_view text) {
  const char next = At(text, option.command.size());
  return text.starts_with(option.command) && !IsAlnum(next) && next != '/';
}

// Of a value that a person wrote without quotes.
bool IsValueByte(char c) {
  return !IsSpace(c) && c != '"' && c != '\\' && c != ',' && c != ';' && c != ':' &&
         static_cast<uint8_t>(c) >= ' ';
}

}  // namespace

void FindJwt(const Subject& subject, size_t at, Findings& findings) {
  const std::string_view text = subject.text;
  if (text.substr(at).starts_with("eyJ")) {
    if (const auto end = JwtEnd(text, at))
      findings.push_back({.begin = at, .end = *end, .rule = kJwt, .mask = Mask::kPartial});
    return;
  }
  const size_t end = PartEnd(text, at);
  const std::string inner = DecodeBase64(text.substr(at, end - at));
  const size_t dot = inner.find('.');
  if (dot != std::string_view::npos && IsJoseHeader(std::string_view(inner).substr(0, dot)))
    findings.push_back({.begin = at, .end = end, .rule = kJwt, .mask = Mask::kPartial});
}

void FindPrivateKey(const Subject& subject, size_t at, Findings& findings) {
  constexpr std::string_view kDashes = "-----";
  const std::string_view text = subject.text;
  if (at < kDashes.size() || text.substr(at - kDashes.size(), kDashes.size()) != kDashes) return;
  const size_t label_end = text.find(kDashes, at);
  if (label_end == std::string_view::npos || label_end - at > 64) return;
  const std::string_view label = text.substr(at, label_end - at);
  if (label.find("PRIVATE KEY") == std::string_view::npos) return;
  const size_t begin = at - kDashes.size();
  const size_t body = label_end + kDashes.size();
  size_t end = body;
  while (end < text.size() && end - body < kKeyBytesMax && IsKeyByte(text[end])) {
    if (text.substr(end).starts_with("-----END")) {
      const size_t close = text.find(kDashes, end + kDashes.size());
      if (close == std::string_view::npos || close - end >= 80 ||
          std::ranges::count_if(text.substr(body, end - body), IsAlnum) < 16)
        return;
      {
        findings.push_back({.begin = begin, .end = close + kDashes.size(), .rule = kPrivateKey});
        return;
      }
    }
    ++end;
  }
  // Cut off: what there is of the body goes. A header alone says nothing.
  while (end > body && (IsSpace(text[end - 1]) || text[end - 1] == '\\')) --end;
  const std::string_view rest = text.substr(body, end - body);
  if (std::ranges::count_if(rest, IsAlnum) >= 16 && rest.find(' ') == std::string_view::npos)
    findings.push_back({.begin = begin, .end = end, .rule = kPrivateKey});
}

bool IsCommand(std::string_view text, size_t at) {
  return std::ranges::any_of(
      kOptions, [&](const CommandOption& option) { return StartsWith(option, text.substr(at)); });
}

void FindCommandUser(const Subject& subject, size_t at, Findings& findings) {
  const std::string_view text = subject.text;
  for (const CommandOption& option : kOptions) {
    const std::string_view rest = text.substr(at, kCommandBytesMax);
    if (!StartsWith(option, rest)) continue;
    size_t from = option.command.size();
    while ((from = rest.find(option.option, from)) != std::string_view::npos) {
      const char before = rest[from - 1];
      from += option.option.size();
      const char after = At(rest, from);
      if (!IsSpace(before) || (!IsBlank(after) && after != '=' && !IsQuote(after))) continue;
      CheckOption(subject, at + from, option.pair, findings);
    }
  }
}

// As people note a login down: "u: anna\np: secret", "login: anna, p: secret". The letter alone says nothing,
// so a user has to stand right before it.
void FindNotedPassword(const Subject& subject, size_t at, Findings& findings) {
  constexpr size_t kUserBytesMax = 64;
  constexpr std::string_view kUsers[] = {"u", "user", "username", "login", "usr", "email"};
  const std::string_view text = subject.text;
  size_t i = at;
  while (i > 0 && (IsSpace(text[i - 1]) || text[i - 1] == ',' || text[i - 1] == ';' || text[i - 1] == '/'))
    --i;
  if (i > 1 && text[i - 1] == 'n' && text[i - 2] == '\\') i -= 2;  // a line's end within JSON
  const size_t user_end = i;
  while (i > 0 && user_end - i < kUserBytesMax && IsValueByte(text[i - 1])) --i;
  if (i == user_end || user_end == at) return;
  while (i > 0 && IsBlank(text[i - 1])) --i;
  if (i == 0 || text[i - 1] != ':') return;
  const size_t name_end = --i;
  while (i > 0 && name_end - i < kUserBytesMax && IsAlnum(text[i - 1])) --i;
  const std::string_view name = text.substr(i, name_end - i);
  if (std::ranges::none_of(kUsers, [&](std::string_view user) { return EqualsIgnoreCase(name, user); }))
    return;
  const size_t begin = SkipBlanks(text, at + 2);
  size_t end = begin;
  while (end < text.size() && IsValueByte(text[end])) ++end;
  const std::string_view value = text.substr(begin, end - begin);
  // A number is a probability, a port, a price.
  if (value.size() < 4 || std::ranges::none_of(value, IsLetter) || IsPlaceholder(value)) return;
  findings.push_back({.begin = begin, .end = end, .rule = kSecretField});
}

bool KeyLines::Hides(std::string_view line) {
  while (!line.empty() && IsSpace(line.back())) line.remove_suffix(1);
  while (!line.empty() && IsSpace(line.front())) line.remove_prefix(1);
  if (left_ > 0) {
    --left_;
    const bool body =
        std::ranges::all_of(line, [](char c) { return IsKeyByte(c); }) && !line.starts_with("-----");
    if (!body) left_ = 0;
    return body && !line.empty();
  }
  if (line.starts_with("-----BEGIN ") && line.ends_with("-----") &&
      line.find("PRIVATE KEY") != std::string_view::npos)
    left_ = kLinesMax;
  return false;
}

}  // namespace taffrail::redact
