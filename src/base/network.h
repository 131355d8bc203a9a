// IPv4 and IPv6 networks in CIDR notation.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace taffrail::base {

// 16 bytes; IPv4 as ::ffff:a.b.c.d, so that an IPv4 address written in IPv6 form is the same address.
using Address = std::array<uint8_t, 16>;

std::optional<Address> ParseAddress(std::string_view text);
// The shortest usual form: 192.0.2.1, 2001:db8::1. Parses back to the same address.
std::string AddressText(const Address& address);

class Network {
 public:
  // "10.0.0.0/8", "2001:db8::/32", or an address alone; bits beyond the prefix are ignored.
  static std::optional<Network> Parse(std::string_view text);
  // "10.0.0.1-10.0.0.20", both included, as LogQL's ip() has it; also everything Parse takes.
  static std::optional<Network> ParseRange(std::string_view text);

  bool Contains(const Address& address) const { return address >= first_ && address <= last_; }
  bool Contains(std::string_view text) const {
    const std::optional<Address> address = ParseAddress(text);
    return address && Contains(*address);
  }

 private:
  Address first_{};
  Address last_{};
};

}  // namespace taffrail::base
