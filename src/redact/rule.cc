#include "redact/rule.h"

#include <charconv>

namespace taffrail::redact {
namespace {

struct Class {
  std::string_view name;
  std::string_view bytes;
};
constexpr std::string_view kAlnum = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr Class kClasses[] = {
    {"alnum", kAlnum},
    {"letter", kAlnum.substr(0, 52)},
    {"base36", "abcdefghijklmnopqrstuvwxyz0123456789"},
    {"upper36", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"},
    {"base32", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"},
    {"base58", "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"},
    {"bech32", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"},
    {"bech32l", "qpzry9x8gf2tvdw0s3jn54khce6mua7l"},
    {"hexup", "0123456789ABCDEF"},
    {"hex", "0123456789abcdef"},
    {"digit", "0123456789"},
};

}  // namespace

std::string ExpandCase(std::string_view text) {
  std::string out;
  uint32_t seed = 12345;
  while (!text.empty()) {
    const size_t open = text.find('{');
    out += text.substr(0, open);
    if (open == std::string_view::npos) break;
    const size_t colon = text.find(':', open);
    const size_t close = text.find('}', open);
    if (close == std::string_view::npos || colon > close) {
      out += text.substr(open);
      break;
    }
    const std::string_view name = text.substr(open + 1, colon - open - 1);
    size_t count = 0;
    std::from_chars(text.data() + colon + 1, text.data() + close, count);
    for (const Class& known : kClasses) {
      if (known.name != name) continue;
      for (size_t i = 0; i < count; ++i) {
        seed = seed * 1664525 + 1013904223;
        out += known.bytes[(seed >> 16) % known.bytes.size()];
      }
    }
    text.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace taffrail::redact
