// Ids and trace context out of the headers of a request, and into those of the calls it causes: HTTP,
// messages, jobs. The adapters beside this header (curl.h, beast.h, ...) are written with it.
//
//   taffrail::Incoming incoming = taffrail::extract(headers);
//   taffrail::IdScope ids(incoming.request.id);
//   taffrail::Span span("POST /tasks", taffrail::SpanKind::kServer, incoming.trace);
//   for (const auto& [name, value] : taffrail::inject()) request.set(name, value);
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "taffrail/request_id.h"
#include "taffrail/trace.h"

namespace taffrail {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// For an outgoing call, from this thread's context: X-Request-ID and X-Correlation-ID (each from request_id
// or correlation_id, whichever there is), traceparent, tracestate, baggage. What the context does not have is
// left out, and so is an id with characters that could end a header.
//
// traceparent names a span of this call's own: the active span if it is a client's or a producer's, else a
// new id.
HeaderList inject();

struct Incoming {
  RequestId request;   // never without an id
  TraceContext trace;  // empty when none came, or a malformed one
};
// Header names in any case. The standard lets tracestate and baggage come in several headers.
Incoming extract(std::span<const Header> headers, IdStyle style = id_style());

// What to send back, so that the caller can tell its user which id to report.
HeaderList response_headers(const RequestId& request);

// request_id and correlation_id on every line until the scope ends; an empty one is left out.
class IdScope {
 public:
  explicit IdScope(std::string_view request_id, std::string_view correlation_id = {});

 private:
  std::optional<Scope> request_;
  std::optional<Scope> correlation_;
};

}  // namespace taffrail
