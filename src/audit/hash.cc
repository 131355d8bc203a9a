#include "audit/hash.h"

#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace taffrail::audit {
namespace {

constexpr char kBase64Digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int Base64Value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

Hash Sha256(std::string_view data) {
  // OpenSSL's one-call SHA256() looks its implementation up every time, under a lock of the whole process:
  // three times the price for the two nodes of a tree. Looked up once, and one context a thread.
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  struct Context {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~Context() { EVP_MD_CTX_free(context); }
  };
  thread_local const Context own;
  Hash hash{};
  const bool done = EVP_DigestInit_ex2(own.context, sha256, nullptr) == 1 &&
                    EVP_DigestUpdate(own.context, data.data(), data.size()) == 1 &&
                    EVP_DigestFinal_ex(own.context, hash.data(), nullptr) == 1;
  // No memory for 100 bytes, or an OpenSSL without SHA-256: nothing that follows would mean anything.
  if (!done) std::abort();
  return hash;
}

Hash LeafHash(std::string_view entry) {
  // Most lines fit the stack, and one call over one buffer is half the price of a context.
  constexpr size_t kStackBytes = 2048;
  if (entry.size() < kStackBytes) {
    char buffer[kStackBytes];
    buffer[0] = 0;
    if (!entry.empty()) std::memcpy(buffer + 1, entry.data(), entry.size());
    return Sha256({buffer, entry.size() + 1});
  }
  std::string prefixed(1, '\0');
  prefixed.append(entry);
  return Sha256(prefixed);
}

Hash NodeHash(const Hash& left, const Hash& right) {
  char buffer[1 + 2 * kHashBytes];
  buffer[0] = 1;
  std::memcpy(buffer + 1, left.data(), kHashBytes);
  std::memcpy(buffer + 1 + kHashBytes, right.data(), kHashBytes);
  return Sha256({buffer, sizeof(buffer)});
}

Hash EmptyRoot() { return Sha256({}); }

Hash RootOf(std::span<const Hash> hashes) {
  assert(!hashes.empty());
  if (hashes.size() == 1) return hashes.front();
  const size_t left = std::bit_floor(hashes.size() - 1);  // the largest power of two below the size
  return NodeHash(RootOf(hashes.first(left)), RootOf(hashes.subspan(left)));
}

std::optional<Hash> HashFromBytes(std::string_view bytes) {
  Hash hash;
  if (bytes.size() != hash.size()) return std::nullopt;
  std::memcpy(hash.data(), bytes.data(), hash.size());
  return hash;
}

std::string Base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) {
      group = (group << 8U) | (j < count ? static_cast<uint8_t>(bytes[i + j]) : 0U);
    }
    for (size_t j = 0; j < 4; ++j) {
      text += j <= count ? kBase64Digits[(group >> (18 - 6 * j)) & 63U] : '=';
    }
  }
  return text;
}

std::optional<std::string> FromBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    size_t padding = 0;
    if (last && text[i + 3] == '=') padding = text[i + 2] == '=' ? 2 : 1;
    uint32_t group = 0;
    for (size_t j = 0; j < 4; ++j) {
      const int value = j < 4 - padding ? Base64Value(text[i + j]) : 0;
      if (value < 0) return std::nullopt;
      group = (group << 6U) | static_cast<uint32_t>(value);
    }
    const size_t count = 3 - padding;
    if ((group & ((1U << (8 * padding)) - 1U)) != 0) return std::nullopt;  // bits that no byte has
    for (size_t j = 0; j < count; ++j) bytes += static_cast<char>((group >> (16 - 8 * j)) & 255U);
  }
  return bytes;
}

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

std::optional<std::string> FromHex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = HexValue(text[i]);
    const int low = HexValue(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::optional<uint64_t> ParseDecimal(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0') || text.front() == '-') return std::nullopt;
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace taffrail::audit
