// Escapes and queries: what decodes encodes back to the same, and a built query parses to itself.
#include "net/url.h"

#include <cstdint>
#include <cstdlib>

using taffrail::net::ParseRequestTarget;
using taffrail::net::PercentDecode;
using taffrail::net::PercentEncode;
using taffrail::net::QueryParameters;

namespace {
void Require(bool condition) {
  if (!condition) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Require(PercentDecode(PercentEncode(text)).value() == text);
  if (const auto decoded = PercentDecode(text); decoded.ok()) {
    Require(decoded->size() <= text.size());
    Require(PercentDecode(PercentEncode(*decoded)).value() == *decoded);
  }
  if (const auto query = QueryParameters::Parse(text); query.ok()) {
    Require(QueryParameters::Parse(query->Build()).value() == *query);
  }
  if (const auto target = ParseRequestTarget(text); target.ok()) {
    Require(!target->path.empty() && target->path.find('\0') == std::string::npos);
    Require(target->path == "*" || target->raw_path.starts_with('/'));
  }
  return 0;
}
