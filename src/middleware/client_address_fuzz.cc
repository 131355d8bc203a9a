// Whatever stands in the headers of a request: the address is one, or the peer's, and headers from a stranger
// change nothing.
//
// Input: first line the peer, then one line a header of the kind that is looked at.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "middleware/client_address.h"

namespace {

using namespace taffrail;
using middleware::ClientAddress;
using middleware::ProxyHeader;

void Require(bool condition) {
  if (!condition) std::abort();
}

void Check(ProxyHeader kind, std::string_view name, std::string_view peer,
           const std::vector<std::string_view>& values) {
  std::vector<Header> headers;
  for (const std::string_view value : values) headers.push_back({name, value});

  ClientAddress suspicious;
  Require(suspicious.Configure({"10.0.0.0/8"}, kind).ok());
  const std::string client = suspicious.Find(peer, headers);
  const auto peer_address = middleware::ParseNode(peer);
  const std::string peer_text = peer_address ? base::AddressText(*peer_address) : "";
  Require(client.empty() ? !peer_address : base::ParseAddress(client).has_value());
  if (!base::Network::Parse("10.0.0.0/8")->Contains(peer_text)) Require(client == peer_text);

  // All lines of a header are one list, unless a quote is left open in one of them.
  bool quotes = false;
  std::string joined;
  for (const std::string_view value : values) {
    quotes |= value.find('"') != value.npos;
    joined.append(joined.empty() ? "" : ",").append(value);
  }
  if (!quotes && !joined.empty() && !values.front().empty()) {
    ClientAddress gullible;  // for whom the walk goes on to the left end
    Require(gullible.Configure({"0.0.0.0/0", "::/0", "unix"}, kind).ok());
    const Header one{name, joined};
    Require(gullible.Find(peer, headers) == gullible.Find(peer, std::span(&one, 1)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> lines;
  while (true) {
    const size_t end = input.find('\n');
    lines.push_back(input.substr(0, end));
    if (end == input.npos) break;
    input.remove_prefix(end + 1);
  }
  const std::string_view peer = lines.front();
  lines.erase(lines.begin());
  Check(ProxyHeader::kXForwardedFor, "x-forwarded-for", peer, lines);
  Check(ProxyHeader::kForwarded, "FORWARDED", peer, lines);
  Check(ProxyHeader::kXRealIp, "X-Real-IP", peer, lines);
  return 0;
}
