// What stands around every handler: the request's id on all lines written meanwhile, one line when it is
// done, and an answer for whatever was thrown.
#pragma once

#include "http/router.h"

namespace examples::service {

// A handler that finds the route and runs it
//   - under the id from X-Request-ID, X-Correlation-ID or traceparent, or under a new one; the answer carries
//   it too;
//   - with exceptions turned into problem documents: http::Error as it says, anything else into a 500;
//   - and logs "HTTP request completed".
// Routes whose answers are for machines that watch (/healthz, /stats) stay out of the log.
// REQUIRES: the router outlives the handler.
http::Handler WithRequestScope(const http::Router& router);

}  // namespace examples::service
