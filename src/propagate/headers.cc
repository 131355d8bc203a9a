#include "taffrail/propagate/headers.h"

#include "context/header_text.h"
#include "context/trace.h"
#include "propagate/outgoing.h"

namespace taffrail {
namespace propagate {
namespace {

std::string GoodId(std::string_view key) {
  std::string id = context_value(key);
  return context::IsGoodId(id) ? id : std::string();
}

}  // namespace

Outgoing OutgoingHere() {
  Outgoing outgoing{.request_id = GoodId("request_id"), .correlation_id = GoodId("correlation_id")};
  if (detail::current_trace != nullptr) {
    outgoing.trace = detail::current_trace->context;
    outgoing.is_span_outgoing = detail::current_trace->is_outgoing;
  }
  return outgoing;
}

Outgoing OutgoingCall() {
  Outgoing outgoing = OutgoingHere();
  if (outgoing.trace.has_trace() && !outgoing.is_span_outgoing)
    outgoing.trace.parent.span_id = generate_span_id();
  return outgoing;
}

}  // namespace propagate

HeaderList inject() {
  const propagate::Outgoing outgoing = propagate::OutgoingCall();
  HeaderList headers;
  const auto add = [&](const char* name, std::string value) {
    if (!value.empty()) headers.emplace_back(name, std::move(value));
  };
  add("X-Request-ID", outgoing.any_id());
  add("X-Correlation-ID", outgoing.correlation_id.empty() ? outgoing.request_id : outgoing.correlation_id);
  if (outgoing.trace.has_trace()) {
    add("traceparent", format_traceparent(outgoing.trace.parent));
    add("tracestate", format_tracestate(outgoing.trace.state));
  }
  add("baggage", format_baggage(outgoing.trace.baggage));
  return headers;
}

Incoming extract(std::span<const Header> headers, IdStyle style) {
  Incoming incoming{.request = request_id_from(headers, style), .trace = {}};
  const auto joined = [&](std::string_view name) {
    std::string all;
    for (const Header& header : headers) {
      if (!context::SameName(header.name, name)) continue;
      if (!all.empty()) all.push_back(',');
      all.append(header.value);
    }
    return all;
  };
  if (incoming.request.trace) {
    incoming.trace.parent = *incoming.request.trace;
    incoming.trace.state = parse_tracestate(joined("tracestate"));
  }
  incoming.trace.baggage = parse_baggage(joined("baggage"));
  return incoming;
}

HeaderList response_headers(const RequestId& request) {
  return {{"X-Request-ID", request.id}, {"X-Correlation-ID", request.id}};
}

IdScope::IdScope(std::string_view request_id, std::string_view correlation_id) {
  const auto begin = [](std::optional<Scope>& scope, const char* key, std::string_view id) {
    if (!id.empty()) scope.emplace(std::initializer_list<Field>{{std::string_view(key), id}});
  };
  begin(request_, "request_id", request_id);
  begin(correlation_, "correlation_id", correlation_id);
}

}  // namespace taffrail
