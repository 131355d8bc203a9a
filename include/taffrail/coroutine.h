// Context in C++20 coroutines: a coroutine keeps its own context across every co_await, on whatever thread it
// goes on, and the thread that ran it gets its own back, exactly, at every suspension.
//
// A coroutine type of one's own derives its promise from ContextPromise:
//
//   struct promise_type : taffrail::ContextPromise {          // initial_suspend: lazy, and await_transform
//     auto final_suspend() noexcept { return carry(std::suspend_always{}); }
//     ...
//   };
//
// Inside a coroutine of somebody else's type, a CoroutineContext stands first and carries each co_await:
//
//   Task work() {
//     taffrail::CoroutineContext context;
//     taffrail::Scope scope({{"step", 1}});
//     co_await context.carry(sleep(10ms));
//     log.info("awake");                                       // step=1, perhaps on another thread
//   }
//
// For Boost.Asio's awaitable<> there is asio.h.
#pragma once

#include <coroutine>
#include <type_traits>
#include <utility>

#include "taffrail/context.h"

namespace taffrail {

namespace detail {
template <typename Held>
class CarryingAwaiter;
}  // namespace detail

// The context of one coroutine. While the coroutine runs it is the thread's, and the thread's own is kept
// here; else it is kept here. Used by one thread at a time, as its coroutine is.
class CoroutineContext {
 public:
  // As a coroutine's first local variable: begins with the present context, or with that of `context`.
  CoroutineContext() noexcept : CoroutineContext(capture()) {}
  explicit CoroutineContext(const Context& context) noexcept : CoroutineContext(context, Suspended()) {
    enter();
  }
  ~CoroutineContext() {
    leave();
    detail::leave_frame(base_frame_, base_frame_);  // lines refer to it: they are written first
    detail::release_trace(base_trace_);
  }
  CoroutineContext(const CoroutineContext&) = delete;
  CoroutineContext& operator=(const CoroutineContext&) = delete;

  // The awaitable, with the context away while the coroutine is: co_await context.carry(…).
  template <typename Awaitable>
  auto carry(Awaitable&& awaitable);

 protected:
  struct Suspended {};  // the coroutine has not begun to run
  CoroutineContext(const Context& context, Suspended /*tag*/) noexcept
      : base_frame_(context.frame_),
        base_trace_(context.trace_),
        frame_(context.frame_),
        trace_(context.trace_) {
    detail::retain_frame(base_frame_);
    detail::retain_trace(base_trace_);
  }

 private:
  template <typename Held>
  friend class detail::CarryingAwaiter;

  void enter() noexcept {
    if (!running_) exchange();
  }
  void leave() noexcept {
    if (running_) exchange();
  }
  void exchange() noexcept {
    running_ = !running_;
    frame_ = detail::swap_frame(frame_);
    trace_ = detail::swap_trace(trace_);
  }

  detail::Frame* const base_frame_;  // what it began with, held for as long as it lives
  detail::Trace* const base_trace_;
  // Not held: a scope of the coroutine does that, or one of the thread further up its stack.
  detail::Frame* frame_;
  detail::Trace* trace_;
  bool running_ = false;
};

namespace detail {

template <typename Awaitable>
decltype(auto) awaiter_of(Awaitable&& awaitable) {
  if constexpr (requires { std::forward<Awaitable>(awaitable).operator co_await(); }) {
    return std::forward<Awaitable>(awaitable).operator co_await();
  } else if constexpr (requires { operator co_await(std::forward<Awaitable>(awaitable)); }) {
    return operator co_await(std::forward<Awaitable>(awaitable));
  } else {
    return std::forward<Awaitable>(awaitable);
  }
}

// `Held` is the awaiter inside: a value, or a reference to one that lives until the co_await is over.
template <typename Held>
class CarryingAwaiter {
 public:
  template <typename Awaitable>
  CarryingAwaiter(CoroutineContext& context, Awaitable&& awaitable)
      : context_(context), awaiter_(awaiter_of(std::forward<Awaitable>(awaitable))) {}
  // Still away: the suspended coroutine is being destroyed. Its scopes end in its own context, and the
  // destructor of the CoroutineContext, which comes after them, leaves it.
  ~CarryingAwaiter() {
    if (away_) context_.enter();
  }
  CarryingAwaiter(const CarryingAwaiter&) = delete;
  CarryingAwaiter& operator=(const CarryingAwaiter&) = delete;

  bool await_ready() noexcept(noexcept(std::declval<Held&>().await_ready())) {
    return static_cast<bool>(awaiter_.await_ready());
  }

  // As soon as the inner await_suspend has made the handle known, another thread may run the coroutine and
  // destroy this awaiter: the context goes first.
  template <typename Promise>
  auto await_suspend(std::coroutine_handle<Promise> handle) noexcept(
      noexcept(std::declval<Held&>().await_suspend(handle))) {
    away_ = true;
    context_.leave();
    if constexpr (noexcept(awaiter_.await_suspend(handle))) {
      return awaiter_.await_suspend(handle);
    } else {
      try {
        return awaiter_.await_suspend(handle);
      } catch (...) {  // not suspended after all
        away_ = false;
        context_.enter();
        throw;
      }
    }
  }

  decltype(auto) await_resume() noexcept(noexcept(std::declval<Held&>().await_resume())) {
    away_ = false;
    context_.enter();
    return awaiter_.await_resume();
  }

 private:
  CoroutineContext& context_;
  Held awaiter_;
  bool away_ = false;
};

}  // namespace detail

template <typename Awaitable>
auto CoroutineContext::carry(Awaitable&& awaitable) {
  return detail::CarryingAwaiter<decltype(detail::awaiter_of(std::forward<Awaitable>(awaitable)))>(
      *this, std::forward<Awaitable>(awaitable));
}

// The base of a promise: the coroutine begins with the context in which it is called. An awaiter that the
// promise makes itself (final_suspend, yield_value, an initial_suspend of its own, its own await_transform)
// goes through carry(); final_suspend's in any case, else the thread keeps the coroutine's context.
class ContextPromise {
 public:
  ContextPromise() noexcept : context_(capture()) {}

  auto initial_suspend() noexcept { return carry(std::suspend_always{}); }

  template <typename Awaitable>
  auto await_transform(Awaitable&& awaitable) {
    return context_.carry(std::forward<Awaitable>(awaitable));
  }

 protected:
  // Takes the awaiter as its own.
  template <typename Awaiter>
  detail::CarryingAwaiter<Awaiter> carry(Awaiter awaiter) noexcept {
    return {context_, std::move(awaiter)};
  }

 private:
  class Own : public CoroutineContext {
   public:
    explicit Own(const Context& context) noexcept : CoroutineContext(context, Suspended()) {}
  };
  Own context_;
};

}  // namespace taffrail
