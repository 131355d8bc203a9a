// Answers to requests that reach no handler: no tenant, or no room. In the form that clients of the path
// read: Loki's plain text, Elasticsearch's document, a problem document (RFC 9457) elsewhere.
#pragma once

#include "base/status.h"
#include "net/http_server.h"

namespace taffrail::server {

net::HttpAnswer RefusalOf(const net::HttpRequest& request, const absl::Status& status);

// More queries of a tenant wait than limits.max_queued_queries.
net::HttpAnswer TooManyQueries(const net::HttpRequest& request);

}  // namespace taffrail::server
