// Percent-encoding and query strings (RFC 3986 §2, and application/x-www-form-urlencoded for the query).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace taffrail::net {

// Every byte but the unreserved ones (letters, digits, "-._~") becomes %XX: fit for a path segment or a query
// value.
std::string PercentEncode(std::string_view text);

// InvalidArgument on a "%" that two hex digits do not follow. "+" stays "+".
absl::StatusOr<std::string> PercentDecode(std::string_view text);

// Decoded parameters of a query string: in order, repeated names kept.
class QueryParameters {
 public:
  using Pair = std::pair<std::string, std::string>;

  // "a=1&b=&c&a=2"; "+" is a space; empty pieces are skipped. InvalidArgument on a bad escape.
  static absl::StatusOr<QueryParameters> Parse(std::string_view query);
  // Parse(Build()) gives the same parameters back.
  std::string Build() const;

  void Add(std::string name, std::string value) { pairs_.emplace_back(std::move(name), std::move(value)); }
  bool Has(std::string_view name) const { return Find(name) != nullptr; }
  const std::string* Find(std::string_view name) const;  // the first, or nullptr
  std::string_view Get(std::string_view name, std::string_view fallback = {}) const;
  std::vector<std::string_view> GetAll(std::string_view name) const;

  auto begin() const { return pairs_.begin(); }
  auto end() const { return pairs_.end(); }
  size_t size() const { return pairs_.size(); }
  bool empty() const { return pairs_.empty(); }
  friend bool operator==(const QueryParameters&, const QueryParameters&) = default;

 private:
  std::vector<Pair> pairs_;
};

// A request target (RFC 9112 §3.2: origin-form, absolute-form, or "*") taken apart.
struct RequestTarget {
  std::string raw_path;   // as sent, "/" when empty
  std::string path;       // percent-decoded; holds no NUL
  std::string raw_query;  // after the "?", as sent
  QueryParameters query;
};

// InvalidArgument on a bad escape, a NUL (%00), or something that is neither a path nor an http(s) URL.
absl::StatusOr<RequestTarget> ParseRequestTarget(std::string_view target);

}  // namespace taffrail::net
