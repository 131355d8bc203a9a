// Whatever stands in the two headers that name a tenant: a name that is accepted is one directory's, below
// the one it is put into.
//
// Input: first byte, whether it is the header or the cookie.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/tenant_id.h"

namespace {

using namespace taffrail;

void Require(bool condition) {
  if (!condition) std::abort();
}

absl::StatusOr<std::string> Ask(std::string_view name, std::string value) {
  net::HttpRequest request;
  request.headers.Add(std::string(name), std::move(value));
  return server::TenantOf(request);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool in_cookie = data[0] % 2 != 0;
  const auto id = Ask(in_cookie ? "Cookie" : server::kTenantHeader, text);
  if (!id.ok()) return 0;
  Require(!id->empty() && id->size() <= 150 && *id != "." && *id != "..");
  Require(id->find_first_of(std::string_view("/\\|\0", 4)) == std::string::npos);
  if (!in_cookie) Require(*id == text);
  // What was accepted is so in either place.
  Require(Ask(server::kTenantHeader, *id).value() == *id);
  Require(Ask("Cookie", "a=b; " + std::string(server::kTenantCookie) + "=" + *id).value() == *id);
  return 0;
}
