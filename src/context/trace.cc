#include "context/trace.h"

namespace taffrail {
namespace detail {

constinit thread_local Trace* current_trace = nullptr;

void retain_trace(Trace* trace) noexcept {
  if (trace != nullptr) trace->references.fetch_add(1, std::memory_order_relaxed);
}

void release_trace(Trace* trace) noexcept {
  if (trace != nullptr && trace->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete trace;
}

Trace* swap_trace(Trace* trace) noexcept { return std::exchange(current_trace, trace); }

void leave_trace(Trace* entered, Trace* before) noexcept {
  if (current_trace == entered) current_trace = before;  // else: see leave_frame
  release_trace(entered);
}

}  // namespace detail

TraceContext current_trace() {
  return detail::current_trace == nullptr ? TraceContext() : detail::current_trace->context;
}

TraceScope::TraceScope(TraceContext trace, bool is_outgoing) noexcept : trace_(nullptr), before_(nullptr) {
  try {
    if (trace.has_trace())
      fields_.emplace(std::initializer_list<Field>{{"trace_id", trace.parent.trace_id},
                                                   {"span_id", trace.parent.span_id}});
    trace_ = new detail::Trace(std::move(trace), is_outgoing);
  } catch (...) {  // no memory: inside, it is as if there were no trace
  }
  before_ = detail::swap_trace(trace_);
  detail::retain_trace(before_);
}

TraceScope::~TraceScope() {
  detail::leave_trace(trace_, before_);
  detail::give_back_trace(before_, trace_);
}

}  // namespace taffrail
