// What the request middleware does, whichever server it stands in. What it writes at all is said by Features
// (features.h), which the environment can set.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "taffrail/request_id.h"

namespace taffrail::middleware {

// The header in which the trusted proxies hand on whom they speak for. One, not all of them: a proxy sets the
// one it knows and passes the others through, so that anyone could write anything into those.
enum class ProxyHeader : uint8_t {
  kXForwardedFor,
  kForwarded,  // RFC 7239
  kXRealIp,
};

struct Options {
  IdStyle id_style = taffrail::id_style();  // of ids made here

  // Addresses and networks ("10.0.0.0/8", "::1") of one's own proxies; "unix" for connections that have no
  // address. Headers from anyone else are not believed. None: the client is whoever is connected.
  std::vector<std::string> trusted_proxies;
  ProxyHeader proxy_header = ProxyHeader::kXForwardedFor;

  // No event for these: "/healthz", or "/internal/*" for all that begin so. Ids and context are as ever.
  std::vector<std::string> ignored_paths;
  // The share of requests with a performance event. Those that failed (400 and up), were slow
  // (Features::slow_request_threshold_ms) or were aborted have one always. By the request id: services of
  // one share choose the same requests.
  double sample_rate = 1.0;

  // Whose requests are audited: what changes something. Features::audit_all_requests overrules it.
  std::vector<std::string> audit_methods = {"POST", "PUT", "PATCH", "DELETE"};
};

}  // namespace taffrail::middleware
