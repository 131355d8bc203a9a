// The provider's routes: POST /oauth/token (RFC 6749), /oauth/introspect (RFC 7662), /oauth/revoke (RFC
// 7009).
#pragma once

#include "http/router.h"
#include "oauth_provider/credentials.h"

namespace oauth_provider {

// REQUIRES: credentials outlive the router.
void AddRoutes(examples::http::Router& router, Credentials& credentials);

}  // namespace oauth_provider
