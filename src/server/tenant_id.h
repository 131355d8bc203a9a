// Whose lines a request is about: Loki's header X-Scope-OrgID, within Loki's rules for it
// (grafana.com/docs/loki/latest/operations/multi-tenancy).
//
// The header is believed: whoever may reach the server may name any tenant. A proxy in front of it
// authenticates the sender and sets the header.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "net/http_server.h"

namespace taffrail::server {

inline constexpr std::string_view kTenantHeader = "X-Scope-OrgID";
// What a browser sends, which has no header of its own for a link that is followed; the header goes before
// it.
inline constexpr std::string_view kTenantCookie = "taffrail_tenant";
// As in Loki: whose lines those are that came before there were tenants.
inline constexpr std::string_view kFirstTenant = "fake";

// What is said to a request that names none.
inline constexpr std::string_view kNoTenant = "no org id";

// Unauthenticated (401): none is named. InvalidArgument: no name of a tenant, or several of them. The errors
// are Loki's, word for word, since clients look for them.
absl::StatusOr<std::string> TenantOf(const net::HttpRequest& request);

}  // namespace taffrail::server
