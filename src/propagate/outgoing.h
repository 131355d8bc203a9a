// What this thread's context has to send along, before it is put into headers, SQL or an environment.
#pragma once

#include <string>

#include "taffrail/trace.h"

namespace taffrail::propagate {

struct Outgoing {
  std::string request_id;  // each empty, or one of context::IsGoodId
  std::string correlation_id;
  TraceContext trace;  // parent: the active span
  bool is_span_outgoing = false;

  const std::string& any_id() const { return request_id.empty() ? correlation_id : request_id; }
};

Outgoing OutgoingHere();
// The same, with a span id of the call's own.
Outgoing OutgoingCall();

}  // namespace taffrail::propagate
