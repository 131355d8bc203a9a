// HMAC-SHA-256 (RFC 2104, FIPS 180-4): what stands for a value that must still be told from others.
//
// Of our own because a program that only logs links no OpenSSL for it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace taffrail::redact {

std::array<uint8_t, 32> Sha256(std::string_view data);
std::array<uint8_t, 32> HmacSha256(std::string_view key, std::string_view data);
// The first 16 hexadecimal digits of it: enough that two of a billion values rarely meet.
inline constexpr size_t kKeyedHashSize = 16;
std::string KeyedHash(std::string_view key, std::string_view value);

}  // namespace taffrail::redact
