// Who a request comes from, when proxies stand in between.
//
// Each proxy appends the address it was called from, so the chain is believed from its right end, as far as
// the hops are our own: the first that is not is the client. What stands left of it anyone could have sent.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/network.h"
#include "taffrail/middleware/options.h"
#include "taffrail/request_id.h"

namespace taffrail::middleware {

class ClientAddress {
 public:
  // InvalidArgument for a trusted proxy that is neither address nor network; the others still count.
  absl::Status Configure(const std::vector<std::string>& trusted_proxies, ProxyHeader header);

  // The client's address in its shortest form, without a port. `peer` is the other end of the connection,
  // with or without a port. When that is no address, and nobody trusted names one: empty.
  std::string Find(std::string_view peer, std::span<const Header> headers) const;

 private:
  bool IsTrusted(const base::Address& address) const;

  std::vector<base::Network> trusted_;
  bool trusts_unix_ = false;
  ProxyHeader header_ = ProxyHeader::kXForwardedFor;
};

// An address as proxies write it: "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:80",
// "fe80::1%eth0".
std::optional<base::Address> ParseNode(std::string_view text);

}  // namespace taffrail::middleware
