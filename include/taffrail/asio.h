// tidy: heavy-headers - for programs that use Asio anyway
// Context through Asio: Boost.Asio, or the standalone one where ASIO_STANDALONE is defined.
//
//   timer.async_wait(taffrail::bind_context([](auto error) { log.info("rang"); }));
//
// carries the present context to one handler. An executor carries it to everything that runs on it:
//
//   auto executor = taffrail::context_executor(io.get_executor());
//   co_spawn(executor, session(std::move(socket)), detached);
//
// A coroutine on such an executor keeps its own context across every co_await, whichever thread goes on with
// it: an operation that is started by what runs on the executor continues in the context in which it was
// started, scopes opened meanwhile included. After each step the thread has its own context back, exactly.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#if defined(ASIO_STANDALONE)
#include <asio/associated_allocator.hpp>
#include <asio/associated_executor.hpp>
#include <asio/execution.hpp>
#include <asio/prefer.hpp>
#include <asio/query.hpp>
#include <asio/require.hpp>
#if __has_include(<asio/associator.hpp>)
#include <asio/associator.hpp>
#define TAFFRAIL_ASIO_ASSOCIATOR
#endif
#define TAFFRAIL_ASIO asio
#else
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>
#if __has_include(<boost/asio/associator.hpp>)
#include <boost/asio/associator.hpp>
#define TAFFRAIL_ASIO_ASSOCIATOR
#endif
#define TAFFRAIL_ASIO boost::asio
#endif

#include "taffrail/context.h"
#include "taffrail/detail/step.h"

namespace taffrail {

namespace detail {

// The context during one step. Unlike Attach it always puts back what was there: a step of a coroutine may
// leave scopes open.
class Step {
 public:
  explicit Step(const Context& context, uint64_t executor) noexcept
      : context_(context),
        frame_before_(swap_frame(context_.frame_)),
        trace_before_(swap_trace(context_.trace_)),
        step_before_(swap_step(&record_)) {
    record_.executor = executor;
  }
  ~Step() {
    swap_step(step_before_);
    swap_trace(trace_before_);
    swap_frame(frame_before_);
    // Lines refer to the frames, which therefore are left as a scope leaves its own.
    leave_frame(std::exchange(context_.frame_, nullptr), frame_before_);
    for (Frame* frame : record_.frames) leave_frame(frame, frame_before_);
    for (Trace* trace : record_.traces) release_trace(trace);
  }
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

 private:
  Context context_;
  StepRecord record_;
  Frame* frame_before_;
  Trace* trace_before_;
  StepRecord* step_before_;
};

template <typename Function>
struct StepFunction {
  Function function;
  Context context;
  uint64_t executor;

  void operator()() {
    const Step step(context, executor);
    std::move(function)();
  }
};

}  // namespace detail

template <typename Executor>
class ContextExecutor {
 public:
  using inner_executor_type = Executor;

  ContextExecutor(Executor executor, Context context, uint64_t id, bool pinned = false)
      : executor_(std::move(executor)), context_(std::move(context)), id_(id), pinned_(pinned) {}

  const Executor& get_inner_executor() const noexcept { return executor_; }

  template <typename P>
  auto query(const P& property) const
      -> decltype(TAFFRAIL_ASIO::query(std::declval<const Executor&>(), property)) {
    return TAFFRAIL_ASIO::query(executor_, property);
  }
  template <typename P>
  auto require(const P& property) const -> ContextExecutor<
      std::decay_t<decltype(TAFFRAIL_ASIO::require(std::declval<const Executor&>(), property))>> {
    return with<P>(TAFFRAIL_ASIO::require(executor_, property));
  }
  template <typename P>
  auto prefer(const P& property) const -> ContextExecutor<
      std::decay_t<decltype(TAFFRAIL_ASIO::prefer(std::declval<const Executor&>(), property))>> {
    return with<P>(TAFFRAIL_ASIO::prefer(executor_, property));
  }

  template <typename Function>
  void execute(Function&& function) const {
    using Step = detail::StepFunction<std::decay_t<Function>>;
    TAFFRAIL_ASIO::execution::execute(
        executor_, Step{std::forward<Function>(function), pinned_ ? context_ : context_here(), id_});
  }

  // The context makes no difference to where something runs.
  friend bool operator==(const ContextExecutor& a, const ContextExecutor& b) noexcept {
    return a.executor_ == b.executor_ && a.id_ == b.id_;
  }
  friend bool operator!=(const ContextExecutor& a, const ContextExecutor& b) noexcept { return !(a == b); }

 private:
  // That of whoever asks, when it runs on this executor.
  Context context_here() const { return detail::running_executor() == id_ ? capture() : context_; }

  // An asynchronous operation asks its handler's executor, when it starts, for a copy that counts as
  // outstanding work, and gives the handler to that copy when it is done. So that copy keeps the context of
  // the start, whoever it is that finishes the operation.
  template <typename Property, typename Inner>
  ContextExecutor<Inner> with(Inner inner) const {
    namespace execution = TAFFRAIL_ASIO::execution;
    using Tracked = execution::outstanding_work_t::tracked_t;
    if constexpr (std::is_same_v<Property, Tracked> ||
                  std::is_same_v<Property, execution::prefer_only<Tracked>>)  // as any_io_executor asks
      return {std::move(inner), context_here(), id_, true};
    else
      return {std::move(inner), context_, id_, pinned_};
  }

  Executor executor_;
  Context context_;
  uint64_t id_;
  bool pinned_;
};

// The executor with the present context for what runs on it.
template <typename Executor>
ContextExecutor<Executor> context_executor(Executor executor) {
  return {std::move(executor), capture(), detail::new_executor_id()};
}

// A handler that is called in the context in which it was bound. Its associated executor, allocator,
// cancellation slot and whatever else Asio associates stay those of the handler inside.
template <typename Handler>
class ContextBinder {
 public:
  ContextBinder(Handler handler, Context context)
      : handler_(std::move(handler)), context_(std::move(context)) {}

  template <typename... Args>
  decltype(auto) operator()(Args&&... args) & {
    const detail::Step step(context_, detail::running_executor());
    return handler_(std::forward<Args>(args)...);
  }
  template <typename... Args>
  decltype(auto) operator()(Args&&... args) && {
    const detail::Step step(context_, detail::running_executor());
    return std::move(handler_)(std::forward<Args>(args)...);
  }

  const Handler& get() const noexcept { return handler_; }

 private:
  Handler handler_;
  Context context_;
};

template <typename Handler>
ContextBinder<std::decay_t<Handler>> bind_context(Handler&& handler) {
  return {std::forward<Handler>(handler), capture()};
}

}  // namespace taffrail

namespace TAFFRAIL_ASIO {

#if defined(TAFFRAIL_ASIO_ASSOCIATOR)
template <template <typename, typename> class Associator, typename Handler, typename Candidate>
struct associator<Associator, taffrail::ContextBinder<Handler>, Candidate> {
  using type = typename Associator<Handler, Candidate>::type;
  static type get(const taffrail::ContextBinder<Handler>& binder,
                  const Candidate& candidate = Candidate()) noexcept {
    return Associator<Handler, Candidate>::get(binder.get(), candidate);
  }
};
#else
template <typename Handler, typename Candidate>
struct associated_executor<taffrail::ContextBinder<Handler>, Candidate> {
  using type = typename associated_executor<Handler, Candidate>::type;
  static type get(const taffrail::ContextBinder<Handler>& binder,
                  const Candidate& candidate = Candidate()) noexcept {
    return associated_executor<Handler, Candidate>::get(binder.get(), candidate);
  }
};
template <typename Handler, typename Candidate>
struct associated_allocator<taffrail::ContextBinder<Handler>, Candidate> {
  using type = typename associated_allocator<Handler, Candidate>::type;
  static type get(const taffrail::ContextBinder<Handler>& binder,
                  const Candidate& candidate = Candidate()) noexcept {
    return associated_allocator<Handler, Candidate>::get(binder.get(), candidate);
  }
};
#endif

}  // namespace TAFFRAIL_ASIO

#undef TAFFRAIL_ASIO
#undef TAFFRAIL_ASIO_ASSOCIATOR
