#include "redact/rule.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace taffrail::redact {
namespace {

struct Class {
  std::string_view name;
  std::string_view bytes;
};
constexpr size_t kCaseRunMax = 4096;  // a user's case is text from outside; no token is longer
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
    const auto known = std::ranges::find(
        kClasses, colon < close ? text.substr(open + 1, colon - open - 1) : std::string_view(), &Class::name);
    if (close == std::string_view::npos || known == std::end(kClasses)) {
      out += '{';
      text.remove_prefix(open + 1);
      continue;
    }
    size_t count = 0;
    std::from_chars(text.data() + colon + 1, text.data() + close, count);
    for (size_t i = 0; i < std::min(count, kCaseRunMax); ++i) {
      seed = seed * 1664525 + 1013904223;
      out += known->bytes[(seed >> 16) % known->bytes.size()];
    }
    text.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace taffrail::redact
