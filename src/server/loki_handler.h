// Registers routes of Loki's API that answer a JSON document.
#pragma once

#include <string>

#include "net/router.h"
#include "server/loki_request.h"

namespace taffrail::server {

// What a route is given beside the application.
struct LokiCall {
  App& app;
  const LokiRequest& loki;
  const net::HttpRequest& request;
  const net::HttpResponder& responder;
};

using LokiRunner = absl::StatusOr<std::string> (*)(const LokiCall& call);

// For GET and for POST with a form.
void AddLokiRoute(net::Router& router, App& app, const std::string& path, LokiRunner run);

}  // namespace taffrail::server
