#include "net/url.h"

#include <fmt/format.h>

#include <algorithm>

#include "net/headers.h"

namespace taffrail::net {
namespace {

bool Unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

absl::StatusOr<std::string> Decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 1 < text.size() ? HexDigit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return absl::InvalidArgumentError(
            fmt::format("bad percent-escape at byte {}: '%' needs two hex digits after it", i));
      }
      out += static_cast<char>(high << 4 | low);
      i += 2;
    }
  }
  return out;
}

// "http://host:80/path?query" -> "/path?query"; an absolute URL without a path has the path "/" (RFC 9112
// §3.2.2).
absl::StatusOr<std::string_view> OriginForm(std::string_view target) {
  if (target.starts_with('/')) return target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!EqualsIgnoringCase(target.substr(0, scheme.size()), scheme)) continue;
    const std::string_view rest = target.substr(scheme.size());
    const size_t end = rest.find_first_of("/?");
    if (end == 0 || rest.empty()) break;  // no host
    return end == std::string_view::npos ? std::string_view("/") : rest.substr(end);
  }
  return absl::InvalidArgumentError("the request target is neither a path nor an http URL");
}

}  // namespace

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (Unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

absl::StatusOr<std::string> PercentDecode(std::string_view text) { return Decode(text, false); }

absl::StatusOr<QueryParameters> QueryParameters::Parse(std::string_view query) {
  QueryParameters parameters;
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view piece = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (piece.empty()) continue;
    const size_t equals = std::min(piece.find('='), piece.size());
    TAFFRAIL_ASSIGN_OR_RETURN(std::string name, Decode(piece.substr(0, equals), true));
    TAFFRAIL_ASSIGN_OR_RETURN(std::string value,
                              Decode(piece.substr(std::min(equals + 1, piece.size())), true));
    parameters.Add(std::move(name), std::move(value));
  }
  return parameters;
}

std::string QueryParameters::Build() const {
  std::string out;
  for (const auto& [name, value] : pairs_) {
    if (!out.empty()) out += '&';
    out += PercentEncode(name);
    out += '=';
    out += PercentEncode(value);
  }
  return out;
}

const std::string* QueryParameters::Find(std::string_view name) const {
  for (const Pair& pair : pairs_) {
    if (pair.first == name) return &pair.second;
  }
  return nullptr;
}

std::string_view QueryParameters::Get(std::string_view name, std::string_view fallback) const {
  const std::string* value = Find(name);
  return value != nullptr ? std::string_view(*value) : fallback;
}

std::vector<std::string_view> QueryParameters::GetAll(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Pair& pair : pairs_) {
    if (pair.first == name) values.push_back(pair.second);
  }
  return values;
}

absl::StatusOr<RequestTarget> ParseRequestTarget(std::string_view target) {
  RequestTarget out;
  if (target == "*") {  // OPTIONS * (RFC 9112 §3.2.4)
    out.raw_path = out.path = "*";
    return out;
  }
  TAFFRAIL_ASSIGN_OR_RETURN(std::string_view origin, OriginForm(target));
  origin = origin.substr(0, origin.find('#'));  // a fragment is never sent; some clients do
  const size_t question = std::min(origin.find('?'), origin.size());
  out.raw_path = question == 0 ? "/" : std::string(origin.substr(0, question));
  out.raw_query = std::string(origin.substr(std::min(question + 1, origin.size())));
  TAFFRAIL_ASSIGN_OR_RETURN(out.path, PercentDecode(out.raw_path));
  if (out.path.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError("the path holds a NUL byte (%00)");
  }
  TAFFRAIL_ASSIGN_OR_RETURN(out.query, QueryParameters::Parse(out.raw_query));
  return out;
}

}  // namespace taffrail::net
