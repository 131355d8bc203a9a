// The trace that a piece of work belongs to: what W3C Trace Context and Baggage send from service to service.
//
//   taffrail::TraceContext trace = taffrail::extract(headers).trace;      // propagate/headers.h
//   taffrail::TraceScope scope(trace);                                    // or a Span: span.h
//   log.info("Task created");                                             // carries trace_id and span_id
//
// Like the fields of a Scope it follows the work: capture(), wrap(), coroutine.h and asio.h carry both.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "taffrail/baggage.h"
#include "taffrail/context.h"
#include "taffrail/request_id.h"

namespace taffrail {

// tracestate: what each tracing system on the way wants to find again. The newest stands on the left.
class TraceState {
 public:
  static constexpr size_t kMembersMax = 32;  // the standard's
  static constexpr size_t kBytesMax = 512;   // as a header: what everyone must be able to pass on

  // Moves the key to the left with its new value; the rightmost member goes when there are too many. False,
  // and nothing changed, when key or value break the standard's grammar.
  bool set(std::string_view key, std::string_view value);
  bool remove(std::string_view key);
  std::string_view get(std::string_view key) const;

  const std::vector<std::pair<std::string, std::string>>& members() const { return members_; }
  bool empty() const { return members_.empty(); }

 private:
  friend TraceState parse_tracestate(std::string_view header);
  std::vector<std::pair<std::string, std::string>> members_;
};

// All or nothing, as the standard asks: empty when any member is malformed or there are more than 32. Of a
// key that repeats the first counts.
TraceState parse_tracestate(std::string_view header);
// At most 512 bytes: members beyond 128 bytes go first, then those on the right.
std::string format_tracestate(const TraceState& state);

struct TraceContext {
  TraceParent parent;  // the trace and the span in it that is active; empty ids: no trace
  TraceState state;
  Baggage baggage;

  bool has_trace() const { return !parent.trace_id.empty(); }
};

// Of this thread, now.
TraceContext current_trace();

namespace detail {
struct Trace;
}  // namespace detail

// Makes the trace this thread's until the scope ends; lines inside carry its trace_id and span_id.
class TraceScope {
 public:
  explicit TraceScope(TraceContext trace) noexcept : TraceScope(std::move(trace), false) {}
  // is_outgoing: the span is that of a call to elsewhere, whose own id is the one to send along.
  TraceScope(TraceContext trace, bool is_outgoing) noexcept;
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  detail::Trace* trace_;
  detail::Trace* before_;
  std::optional<Scope> fields_;
};

}  // namespace taffrail
