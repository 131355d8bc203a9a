// Runs a query for patterns on behalf of a client: ends when the client leaves, the time is up or the server
// stops, and is counted.
#pragma once

#include "base/status.h"
#include "net/http_server.h"
#include "server/app.h"
#include "server/pattern_lines.h"

namespace taffrail::server {

absl::StatusOr<MinedLines> RunPatterns(App& app, const net::HttpResponder& responder,
                                       const PatternQuery& query);

}  // namespace taffrail::server
