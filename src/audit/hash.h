// SHA-256 as RFC 6962 §2.1 uses it, and the text forms that C2SP's formats give to bytes.
//
//   leaf hash = SHA-256(0x00 || entry)        node hash = SHA-256(0x01 || left || right)
//
// The two prefixes keep a record from posing as an inner node, and the other way round.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace taffrail::audit {

inline constexpr size_t kHashBytes = 32;
using Hash = std::array<uint8_t, kHashBytes>;

Hash Sha256(std::string_view data);
Hash LeafHash(std::string_view entry);
Hash NodeHash(const Hash& left, const Hash& right);
Hash EmptyRoot();  // of a tree without entries: SHA-256 of nothing

// The tree hash of these subtrees of equal size, side by side: of leaves, the root of their tree.
// REQUIRES: not empty.
Hash RootOf(std::span<const Hash> hashes);

inline std::string_view AsBytes(const Hash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}
std::optional<Hash> HashFromBytes(std::string_view bytes);

// RFC 4648 §4, padded. Decoding is strict: one text for each sequence of bytes, so that a signed note has no
// second spelling.
std::string Base64(std::string_view bytes);
std::optional<std::string> FromBase64(std::string_view text);
std::string Hex(std::string_view bytes);  // lower case
std::optional<std::string> FromHex(std::string_view text);

// ASCII decimal without sign, leading zeros or blanks.
std::optional<uint64_t> ParseDecimal(std::string_view text);

}  // namespace taffrail::audit
