#include "middleware/client_address.h"

#include <algorithm>
#include <optional>

#include "context/header_text.h"
#include "fmt/format.h"

namespace taffrail::middleware {
namespace {

using base::Address;
using context::SameName;
using context::Trim;

// Chains in the field have two or three hops. The walk ends only at a hop that is not ours, so a sender who
// knows our networks could otherwise make it as long as a header may be.
constexpr int kHopsMax = 32;
// One hop with its spaces: the longest IPv6 address with a port is 47 bytes, and a Forwarded element may name
// a host (253 bytes) beside it. Looking for its beginning stops here, however large the header is.
constexpr size_t kHopBytesMax = 512;

// "", ":80"
bool IsPort(std::string_view text) {
  constexpr size_t kDigitsMax = 5;
  if (text.empty()) return true;
  if (text.front() != ':' || text.size() < 2 || text.size() > 1 + kDigitsMax) return false;
  return std::ranges::all_of(text.substr(1), context::IsDigit);
}

// The elements of a header's comma-separated list from the last to the first; all headers of the name are one
// list (RFC 9110). Commas between quotes do not separate.
class ListFromRight {
 public:
  ListFromRight(std::span<const Header> headers, std::string_view name) : headers_(headers), name_(name) {}

  // Nothing at the left end; an empty view for an element that is empty, unbalanced or too long to be one.
  std::optional<std::string_view> Next() {
    while (!rest_) {
      if (headers_.empty()) return std::nullopt;
      const Header& header = headers_.back();
      headers_ = headers_.first(headers_.size() - 1);
      if (SameName(header.name, name_)) rest_ = header.value;
    }
    bool quoted = false;
    for (size_t begin = rest_->size(), size = 0;; --begin, ++size) {
      const bool at_start = begin == 0;
      const char before = at_start ? ',' : (*rest_)[begin - 1];
      if (before == '"' && !at_start) quoted = !quoted;
      if (at_start || (before == ',' && !quoted)) {
        const std::string_view element = rest_->substr(begin);
        rest_ = at_start ? std::nullopt : std::optional(rest_->substr(0, begin - 1));
        return quoted ? std::string_view() : Trim(element);
      }
      if (size == kHopBytesMax) {
        headers_ = {};
        rest_.reset();
        return std::string_view();
      }
    }
  }

 private:
  std::span<const Header> headers_;  // still to come
  std::string_view name_;
  std::optional<std::string_view> rest_;  // of the one that is being read
};

// The value of "for" in `for=192.0.2.60;proto=http;by=203.0.113.43`; empty when there is not exactly one. An
// escape is never needed in an address.
std::string_view ForOf(std::string_view element) {
  std::string_view found;
  while (!element.empty()) {
    bool quoted = false;
    size_t end = 0;
    for (; end < element.size() && (quoted || element[end] != ';'); ++end) {
      if (element[end] == '"') quoted = !quoted;
      if (element[end] == '\\') return {};
    }
    const std::string_view pair = Trim(element.substr(0, end));
    element.remove_prefix(std::min(end + 1, element.size()));
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos || !SameName(pair.substr(0, equals), "for")) continue;
    if (!found.empty()) return {};
    found = pair.substr(equals + 1);
    if (found.size() >= 2 && found.front() == '"' && found.back() == '"') {
      found = found.substr(1, found.size() - 2);
    }
  }
  return found;
}

std::string_view NameOf(ProxyHeader header) {
  switch (header) {
    case ProxyHeader::kForwarded:
      return "Forwarded";
    case ProxyHeader::kXRealIp:
      return "X-Real-IP";
    case ProxyHeader::kXForwardedFor:
      break;
  }
  return "X-Forwarded-For";
}

}  // namespace

std::optional<Address> ParseNode(std::string_view text) {
  text = Trim(text);
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos || !IsPort(text.substr(end + 1))) return std::nullopt;
    text = text.substr(1, end - 1);
    if (text.find(':') == std::string_view::npos) return std::nullopt;
  } else if (const size_t colon = text.find(':');
             colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
    if (!IsPort(text.substr(colon))) return std::nullopt;
    text = text.substr(0, colon);
  }
  return base::ParseAddress(text.substr(0, text.find('%')));  // the zone means something on its machine only
}

absl::Status ClientAddress::Configure(const std::vector<std::string>& trusted_proxies, ProxyHeader header) {
  header_ = header;
  absl::Status status;
  for (const std::string& text : trusted_proxies) {
    if (const auto network = base::Network::Parse(text)) {
      trusted_.push_back(*network);
    } else if (text == "unix") {
      trusts_unix_ = true;
    } else {
      status.Update(absl::InvalidArgumentError(
          fmt::format("trusted proxy \"{}\" is neither an address nor a network like 10.0.0.0/8", text)));
    }
  }
  return status;
}

bool ClientAddress::IsTrusted(const Address& address) const {
  return std::ranges::any_of(trusted_,
                             [&](const base::Network& network) { return network.Contains(address); });
}

std::string ClientAddress::Find(std::string_view peer, std::span<const Header> headers) const {
  std::optional<Address> client = ParseNode(peer);
  ListFromRight list(headers, NameOf(header_));
  for (int hop = 0; hop < kHopsMax && (client ? IsTrusted(*client) : trusts_unix_); ++hop) {
    const auto element = list.Next();
    if (!element) break;
    const auto named = ParseNode(header_ == ProxyHeader::kForwarded ? ForOf(*element) : *element);
    if (!named) break;  // our own proxy says nothing that makes sense: it is the last we know of
    client = named;
    if (header_ == ProxyHeader::kXRealIp) break;  // no list: it has the client, or nothing
  }
  return client ? base::AddressText(*client) : std::string();
}

}  // namespace taffrail::middleware
