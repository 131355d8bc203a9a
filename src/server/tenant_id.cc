#include "server/tenant_id.h"

#include <algorithm>

#include "fmt/format.h"

namespace taffrail::server {
namespace {

constexpr size_t kMaxBytes = 150;  // Loki's; and a directory's name, which it is here, may have 255

bool IsSupported(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!-_.*'()").find(c) != std::string_view::npos;
}

absl::Status CheckId(std::string_view id) {
  const auto* const odd = std::ranges::find_if_not(id, IsSupported);
  if (odd != id.end()) {
    // A byte of a longer character, or one that no terminal shows, is told as its number.
    const bool printable = *odd > ' ' && *odd < 0x7F;
    const std::string shown =
        printable ? std::string(1, *odd) : fmt::format("\\x{:02x}", static_cast<unsigned char>(*odd));
    return absl::InvalidArgumentError(fmt::format("tenant ID contains unsupported character '{}'", shown));
  }
  if (id.size() > kMaxBytes)
    return absl::InvalidArgumentError(fmt::format("tenant ID is too long: max {} characters", kMaxBytes));
  if (id == "." || id == "..") return absl::InvalidArgumentError("tenant ID is '.' or '..'");
  return absl::OkStatus();
}

// The value of a cookie (RFC 6265 §5.4); empty: it is not there.
std::string_view CookieOf(const net::Headers& headers, std::string_view name) {
  std::string_view cookies = headers.Get("Cookie");
  while (!cookies.empty()) {
    const size_t end = std::min(cookies.find(';'), cookies.size());
    std::string_view cookie = cookies.substr(0, end);
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
    cookie.remove_prefix(std::min(cookie.find_first_not_of(' '), cookie.size()));
    if (cookie.size() > name.size() && cookie.starts_with(name) && cookie[name.size()] == '=')
      return cookie.substr(name.size() + 1);
  }
  return {};
}

}  // namespace

absl::StatusOr<std::string> TenantOf(const net::HttpRequest& request) {
  std::string_view id = request.headers.Get(kTenantHeader);
  if (id.empty()) id = CookieOf(request.headers, kTenantCookie);
  if (id.empty()) return absl::UnauthenticatedError({kNoTenant.data(), kNoTenant.size()});
  if (id.find('|') != std::string_view::npos) return absl::InvalidArgumentError("multiple org IDs present");
  TAFFRAIL_RETURN_IF_ERROR(CheckId(id));
  return std::string(id);
}

}  // namespace taffrail::server
