#include "taffrail/propagate/process.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "context/header_text.h"
#include "propagate/outgoing.h"

namespace taffrail {
namespace {

constexpr const char* kRequestId = "TAFFRAIL_REQUEST_ID";
constexpr const char* kCorrelationId = "TAFFRAIL_CORRELATION_ID";
constexpr const char* kTraceParent = "TRACEPARENT";
constexpr const char* kTraceState = "TRACESTATE";
constexpr const char* kBaggage = "BAGGAGE";
constexpr std::array<std::string_view, 5> kNames = {kRequestId, kCorrelationId, kTraceParent, kTraceState,
                                                    kBaggage};

std::string_view Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

std::string GoodId(std::string_view id) { return context::IsGoodId(id) ? std::string(id) : std::string(); }

bool IsOurs(std::string_view entry) {
  return std::ranges::find(kNames, entry.substr(0, entry.find('='))) != kNames.end();
}

}  // namespace

HeaderList context_environment() {
  const propagate::Outgoing outgoing = propagate::OutgoingCall();
  HeaderList entries;
  const auto add = [&](const char* name, std::string value) {
    if (!value.empty()) entries.emplace_back(name, std::move(value));
  };
  add(kRequestId, outgoing.request_id);
  add(kCorrelationId, outgoing.correlation_id);
  if (outgoing.trace.has_trace()) {
    add(kTraceParent, format_traceparent(outgoing.trace.parent));
    add(kTraceState, format_tracestate(outgoing.trace.state));
  }
  add(kBaggage, format_baggage(outgoing.trace.baggage));
  return entries;
}

ChildEnvironment::ChildEnvironment() : ChildEnvironment(environ) {}

ChildEnvironment::ChildEnvironment(const char* const* environment) {
  for (const char* const* entry = environment; entry != nullptr && *entry != nullptr; ++entry) {
    if (!IsOurs(*entry)) entries_.emplace_back(*entry);
  }
  for (const auto& [name, value] : context_environment()) entries_.push_back(name + "=" + value);
  for (std::string& entry : entries_) pointers_.push_back(entry.data());
  pointers_.push_back(nullptr);
}

EnvironmentContext context_from_env() {
  EnvironmentContext context;
  context.request_id = GoodId(Environment(kRequestId));
  context.correlation_id = GoodId(Environment(kCorrelationId));
  if (const auto parent = parse_traceparent(Environment(kTraceParent))) {
    context.trace.parent = *parent;
    context.trace.state = parse_tracestate(Environment(kTraceState));
  }
  context.trace.baggage = parse_baggage(Environment(kBaggage));
  return context;
}

}  // namespace taffrail
