// What stands around every handler: the library's request middleware, and an answer for whatever was thrown.
#pragma once

#include <string_view>

#include "http/router.h"

namespace examples::service {

// A handler that finds the route and runs it with the middleware around, and turns exceptions into problem
// documents: http::Error as it says, anything else into a 500.
// Routes whose answers are for machines that watch (/healthz, /stats) stay out of the log.
// REQUIRES: the router outlives the handler.
http::Handler WithRequestScope(const http::Router& router);

// Who is calling, once that is found out: stands on every later line of this request.
// REQUIRES: called by a handler, on its thread.
void Identify(std::string_view user_id, std::string_view organization_id);

}  // namespace examples::service
