#include "record/json_scan.h"

#include <cstring>

#include "record/batch_builder.h"

namespace taffrail::record {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Four hexadecimal digits at `at`, or -1.
int Hex4(const char* at, const char* end) {
  if (end - at < 4) return -1;
  int code = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = HexDigit(at[i]);
    if (digit < 0) return -1;
    code = code * 16 + digit;
  }
  return code;
}

// Escapes one byte after a backslash stands for; 0 when it is none of the short ones.
char ShortEscape(char c) {
  switch (c) {
    case '"':
      return '"';
    case '\\':
      return '\\';
    case '/':
      return '/';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

// Whether our writer would have written this \uXXXX: a control byte without a short escape, in lower case.
bool IsCanonicalUnicode(const char* hex, int code) {
  if (code >= 0x20 || code == '\b' || code == '\f' || code == '\n' || code == '\r' || code == '\t')
    return false;
  return !(hex[3] >= 'A' && hex[3] <= 'F');
}

const char* ScanLiteral(const char* at, const char* end, std::string_view word) {
  if (static_cast<size_t>(end - at) < word.size() || std::memcmp(at, word.data(), word.size()) != 0)
    return nullptr;
  return at + word.size();
}

void AppendUtf8(uint32_t code, std::string& out) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xc0 | (code >> 6)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | (code >> 12)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
  } else {
    out.push_back(static_cast<char>(0xf0 | (code >> 18)));
    out.push_back(static_cast<char>(0x80 | ((code >> 12) & 0x3f)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
  }
}

constexpr uint32_t kReplacement = 0xfffd;

// Decodes the \u escape at `at` (on the 'u'), a surrogate pair included; returns the byte after it.
const char* DecodeUnicode(const char* at, const char* end, uint32_t& code) {
  const int first = Hex4(at + 1, end);
  at += 5;
  code = static_cast<uint32_t>(first);
  if (first < 0xd800 || first > 0xdfff) return at;
  code = kReplacement;
  if (first > 0xdbff || end - at < 6 || at[0] != '\\' || at[1] != 'u') return at;
  const int second = Hex4(at + 2, end);
  if (second < 0xdc00 || second > 0xdfff) return at;
  code = 0x10000 + ((static_cast<uint32_t>(first) - 0xd800) << 10) + (static_cast<uint32_t>(second) - 0xdc00);
  return at + 6;
}

// Members of an object or elements of an array, from after the opening bracket to after the closing one.
const char* SkipContainer(const char* at, const char* end, bool object, int depth) {
  const char close = object ? '}' : ']';
  at = SkipSpace(at, end);
  if (at == end) return nullptr;
  if (*at == close) return at + 1;
  ScannedValue ignored;
  while (true) {
    if (object) {
      if (at == end || *at != '"') return nullptr;
      at = ScanString(at + 1, end, ignored);
      if (at == nullptr) return nullptr;
      at = SkipSpace(at, end);
      if (at == end || *at != ':') return nullptr;
      at = SkipSpace(at + 1, end);
    }
    at = SkipValue(at, end, depth + 1);
    if (at == nullptr) return nullptr;
    at = SkipSpace(at, end);
    if (at == end) return nullptr;
    if (*at == close) return at + 1;
    if (*at != ',') return nullptr;
    at = SkipSpace(at + 1, end);
  }
}

}  // namespace

const char* SkipSpace(const char* at, const char* end) {
  while (at != end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) ++at;
  return at;
}

const char* ScanString(const char* at, const char* end, ScannedValue& value) {
  const char* const begin = at;
  bool escapes = false;
  bool canonical = true;
  while (true) {
    at = FindSpecial(at, end);
    if (at == end || static_cast<unsigned char>(*at) < 0x20) return nullptr;
    if (*at == '"') break;
    escapes = true;
    if (++at == end) return nullptr;
    if (*at == 'u') {
      const int code = Hex4(at + 1, end);
      if (code < 0) return nullptr;
      canonical = canonical && IsCanonicalUnicode(at + 1, code);
      at += 5;
      continue;
    }
    if (ShortEscape(*at) == 0) return nullptr;
    canonical = canonical && *at != '/';
    ++at;
  }
  value.kind = canonical ? Kind::kString : Kind::kEscaped;
  value.has_escapes = escapes;
  value.text = std::string_view(begin, static_cast<size_t>(at - begin));
  return at + 1;
}

const char* ScanNumber(const char* at, const char* end, ScannedValue& value) {
  constexpr ptrdiff_t kMaxDigits = 19;  // fit uint64; then one comparison tells whether they fit int64
  const char* const begin = at;
  const bool negative = at != end && *at == '-';
  if (negative) ++at;
  const char* const digits = at;
  uint64_t number = 0;
  for (; at != end && IsDigit(*at); ++at) number = number * 10 + static_cast<uint64_t>(*at - '0');
  const ptrdiff_t whole = at - digits;
  if (whole == 0 || (whole > 1 && *digits == '0')) return nullptr;
  ptrdiff_t fraction = 0;
  if (at != end && *at == '.') {
    const char* const first = ++at;
    for (; at != end && IsDigit(*at); ++at) number = number * 10 + static_cast<uint64_t>(*at - '0');
    fraction = at - first;
    if (fraction == 0) return nullptr;
  }
  bool exponent = false;
  if (at != end && (*at == 'e' || *at == 'E')) {
    exponent = true;
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    if (at == end || !IsDigit(*at)) return nullptr;
    while (at != end && IsDigit(*at)) ++at;
  }
  value.text = std::string_view(begin, static_cast<size_t>(at - begin));
  const bool held = !exponent && whole + fraction <= kMaxDigits && number <= uint64_t{INT64_MAX} &&
                    !(negative && number == 0);
  value.kind = !held ? Kind::kNumber : fraction > 0 ? Kind::kDecimal : Kind::kInteger;
  value.scale = held ? static_cast<uint8_t>(fraction) : uint8_t{0};
  value.integer = held ? (negative ? -static_cast<int64_t>(number) : static_cast<int64_t>(number)) : 0;
  return at;
}

const char* ScanHole(const char* at, const char* end, ScannedValue& value) {
  switch (*at) {
    case '"':
      return ScanString(at + 1, end, value);
    case 't':
    case 'f': {
      value.kind = Kind::kBool;
      value.integer = *at == 't' ? 1 : 0;
      return ScanLiteral(at, end, *at == 't' ? "true" : "false");
    }
    case '[': {
      const char* const after = SkipValue(at, end, 1);
      if (after == nullptr) return nullptr;
      value.kind = Kind::kJson;
      value.text = std::string_view(at, static_cast<size_t>(after - at));
      return after;
    }
    default:
      return ScanNumber(at, end, value);
  }
}

const char* SkipValue(const char* at, const char* end, int depth) {
  if (at == end || depth > kMaxNesting) return nullptr;
  ScannedValue ignored;
  switch (*at) {
    case '"':
      return ScanString(at + 1, end, ignored);
    case '{':
      return SkipContainer(at + 1, end, true, depth);
    case '[':
      return SkipContainer(at + 1, end, false, depth);
    case 't':
      return ScanLiteral(at, end, "true");
    case 'f':
      return ScanLiteral(at, end, "false");
    case 'n':
      return ScanLiteral(at, end, "null");
    default:
      return ScanNumber(at, end, ignored);
  }
}

void AppendUnescaped(std::string_view escaped, std::string& out) {
  const char* at = escaped.data();
  const char* const end = at + escaped.size();
  while (at != end) {
    const void* const found = std::memchr(at, '\\', static_cast<size_t>(end - at));
    const char* const stop = found == nullptr ? end : static_cast<const char*>(found);
    out.append(at, stop);
    at = stop;
    if (at == end || ++at == end) return;
    if (*at == 'u' && Hex4(at + 1, end) >= 0) {
      uint32_t code = 0;
      at = DecodeUnicode(at, end, code);
      AppendUtf8(code, out);
      continue;
    }
    const char c = ShortEscape(*at);
    out.push_back(c == 0 ? *at : c);  // not reached for strings that ScanString accepted
    ++at;
  }
}

}  // namespace taffrail::record
