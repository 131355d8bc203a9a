#include "base/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace taffrail::base {
namespace {

constexpr int kIpv4PrefixBits = 96;  // of ::ffff:0:0/96
constexpr Address kIpv4Prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool LooksLikeAddress(std::string_view text) {
  if (text.size() < 2 || text.size() >= INET6_ADDRSTRLEN) return false;  // "::" and the longest IPv6
  for (const char c : text) {
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (!hex && c != '.' && c != ':') return false;
  }
  return true;
}

}  // namespace

std::optional<Address> ParseAddress(std::string_view text) {
  if (!LooksLikeAddress(text)) return std::nullopt;
  char buffer[INET6_ADDRSTRLEN];
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  Address address = kIpv4Prefix;
  if (text.find(':') != std::string_view::npos) {
    if (inet_pton(AF_INET6, buffer, address.data()) != 1) return std::nullopt;
    return address;
  }
  if (inet_pton(AF_INET, buffer, address.data() + 12) != 1) return std::nullopt;
  return address;
}

std::string AddressText(const Address& address) {
  const bool is_ipv4 = std::equal(kIpv4Prefix.begin(), kIpv4Prefix.begin() + 12, address.begin());
  char buffer[INET6_ADDRSTRLEN];
  const char* text =
      inet_ntop(is_ipv4 ? AF_INET : AF_INET6, address.data() + (is_ipv4 ? 12 : 0), buffer, sizeof(buffer));
  return text == nullptr ? "" : text;
}

std::optional<Network> Network::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  const std::optional<Address> address = ParseAddress(text.substr(0, slash));
  if (!address) return std::nullopt;
  const bool is_ipv4 = text.substr(0, slash).find(':') == std::string_view::npos;
  int prefix_bits = 128;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix_bits);
    if (error != std::errc() || end != digits.data() + digits.size() || digits.size() > 3)
      return std::nullopt;
    if (prefix_bits < 0 || prefix_bits > (is_ipv4 ? 32 : 128)) return std::nullopt;
    if (is_ipv4) prefix_bits += kIpv4PrefixBits;
  }
  Network network;
  for (int byte = 0; byte < 16; ++byte) {
    const int kept = prefix_bits - byte * 8;
    const auto mask = static_cast<uint8_t>(kept >= 8 ? 0xff : kept <= 0 ? 0 : 0xff << (8 - kept));
    network.first_[byte] = (*address)[byte] & mask;
    network.last_[byte] = static_cast<uint8_t>((*address)[byte] | static_cast<uint8_t>(~mask));
  }
  return network;
}

std::optional<Network> Network::ParseRange(std::string_view text) {
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos) return Parse(text);
  const std::optional<Address> first = ParseAddress(text.substr(0, dash));
  const std::optional<Address> last = ParseAddress(text.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  Network network;
  network.first_ = *first;
  network.last_ = *last;
  return network;
}

}  // namespace taffrail::base
