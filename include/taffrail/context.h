// Context: fields set once for a stretch of work that then stand on every line inside it, also on other
// threads.
//
//   taffrail::Scope scope({{"request_id", id}, {"user_id", user}});
//   log.info("Task created");                                     // carries request_id and user_id
//   pool.post(taffrail::wrap([] { log.info("indexed"); }));       // so does this, on another thread
//
// A scope makes one immutable frame: the outer scope's fields, overridden and extended by its own. A line
// refers to its frame and copies nothing.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "taffrail/value.h"

namespace taffrail {

namespace detail {
struct Frame;  // the fields
struct Trace;  // what travels along without being written on lines: trace.h
Frame* push_frame(std::initializer_list<Field> fields) noexcept;
void retain_frame(Frame* frame) noexcept;   // null allowed, here and below
void release_frame(Frame* frame) noexcept;  // no line refers to the frame by this reference
Frame* swap_frame(Frame* frame) noexcept;   // makes it this thread's; returns the one before
void leave_frame(Frame* entered, Frame* before) noexcept;
void retain_trace(Trace* trace) noexcept;  // these like those of frames
void release_trace(Trace* trace) noexcept;
Trace* swap_trace(Trace* trace) noexcept;
void leave_trace(Trace* entered, Trace* before) noexcept;
// For a scope that ends: `ended` is its own, `before` what it held to go back to (detail/step.h).
void give_back_frame(Frame* before, Frame* ended) noexcept;
void give_back_trace(Trace* before, Trace* ended) noexcept;
class Step;  // asio.h
}  // namespace detail

// Fields for every line of this thread until the scope ends. Scopes nest; an inner field hides an outer one
// of its name.
class Scope {
 public:
  Scope(std::initializer_list<Field> fields) noexcept
      : frame_(detail::push_frame(fields)), before_(detail::swap_frame(frame_)) {
    detail::retain_frame(before_);
  }
  ~Scope() {
    detail::leave_frame(frame_, before_);
    detail::give_back_frame(before_, frame_);
  }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  detail::Frame* frame_;
  detail::Frame* before_;
};

// The context of a moment, to be carried to another thread. Cheap to copy.
class Context {
 public:
  Context() noexcept = default;
  Context(const Context& other) noexcept : frame_(other.frame_), trace_(other.trace_) {
    detail::retain_frame(frame_);
    detail::retain_trace(trace_);
  }
  Context(Context&& other) noexcept
      : frame_(std::exchange(other.frame_, nullptr)), trace_(std::exchange(other.trace_, nullptr)) {}
  Context& operator=(Context other) noexcept {
    std::swap(frame_, other.frame_);
    std::swap(trace_, other.trace_);
    return *this;
  }
  ~Context() {
    detail::release_frame(frame_);
    detail::release_trace(trace_);
  }

  bool empty() const noexcept { return frame_ == nullptr && trace_ == nullptr; }
  // Whether both are the very same moment's: equal fields made by another scope are another context.
  friend bool operator==(const Context& a, const Context& b) noexcept {
    return a.frame_ == b.frame_ && a.trace_ == b.trace_;
  }
  // The field of this name as text: a string as it is, anything else as JSON; empty when there is none.
  std::string get(std::string_view key) const;

 private:
  friend Context capture() noexcept;
  friend class Attach;
  friend class CoroutineContext;
  friend class detail::Step;
  detail::Frame* frame_ = nullptr;
  detail::Trace* trace_ = nullptr;
};

// This thread's context as it is now.
Context capture() noexcept;
// capture().get(key): for example the request id to send along with an outgoing call.
std::string context_value(std::string_view key);

// Puts a captured context in place of this thread's own until it is destroyed.
class Attach {
 public:
  explicit Attach(const Context& context) noexcept : frame_(context.frame_), trace_(context.trace_) {
    detail::retain_frame(frame_);
    detail::retain_trace(trace_);
    frame_before_ = detail::swap_frame(frame_);
    trace_before_ = detail::swap_trace(trace_);
    detail::retain_frame(frame_before_);
    detail::retain_trace(trace_before_);
  }
  ~Attach() {
    detail::leave_frame(frame_, frame_before_);
    detail::leave_trace(trace_, trace_before_);
    detail::give_back_frame(frame_before_, frame_);
    detail::give_back_trace(trace_before_, trace_);
  }
  Attach(const Attach&) = delete;
  Attach& operator=(const Attach&) = delete;

 private:
  detail::Frame* frame_;
  detail::Trace* trace_;
  detail::Frame* frame_before_;
  detail::Trace* trace_before_;
};

// The function with the present context bound to it: for std::jthread, thread pools, callbacks. Asio's
// handlers have more to keep (asio.h), and coroutines more to restore (coroutine.h).
template <typename Function>
auto wrap(Function function) {
  return [context = capture(), function = std::move(function)]<typename... Args>(
             Args&&... args) mutable -> std::invoke_result_t<Function&, Args...> {
    const Attach attach(context);
    return function(std::forward<Args>(args)...);
  };
}

}  // namespace taffrail
