// Compiled twice: here with Boost.Asio, and by tests/context/asio_standalone_test.cc with the standalone one,
// which is newer and has cancellation slots.
#include <utility>  // which Boost 1.74's awaitable.hpp needs and does not include

#ifdef ASIO_STANDALONE
#include <asio.hpp>
#else
#include <boost/asio.hpp>
#endif
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <coroutine>
#include <exception>
#include <memory_resource>
#include <string>
#include <thread>
#include <vector>

#include "taffrail/asio.h"
#include "taffrail/trace.h"

namespace taffrail {
namespace {

#ifdef ASIO_STANDALONE
namespace net = ::asio;
#else
namespace net = ::boost::asio;
#endif

std::string Id() { return context_value("request_id"); }

// Boost 1.74 does not find clang's coroutines.
#if defined(BOOST_ASIO_HAS_CO_AWAIT) || defined(ASIO_HAS_CO_AWAIT)

// Runs the loop on several threads that have a context of their own; returns how many lost it.
int RunOnThreads(net::io_context& io, int threads) {
  std::atomic<int> soiled{0};
  {
    std::vector<std::jthread> running;
    for (int i = 0; i < threads; ++i) {
      running.emplace_back([&, i] {
        const Scope scope({{"request_id", "the worker's"}, {"worker", i}});
        const Context own = capture();
        while (io.run_one() > 0) {
          if (!(capture() == own)) ++soiled;
        }
      });
    }
  }
  return soiled;
}

net::awaitable<void> Sleep() {
  net::steady_timer timer(co_await net::this_coro::executor);
  timer.expires_after(std::chrono::microseconds(50));
  co_await timer.async_wait(net::use_awaitable);
}

net::awaitable<void> Child(std::string id, std::atomic<int>& wrong) {
  const Scope scope({{"depth", "child"}});
  co_await Sleep();
  if (Id() != id || context_value("depth") != "child") ++wrong;
}

net::awaitable<void> Request(std::string id, std::atomic<int>& wrong) {
  const auto expect = [&](const std::string& step) {
    const bool right = Id() == id && context_value("step") == step && context_value("depth").empty() &&
                       current_trace().baggage.get("id") == id;
    if (!right) ++wrong;
  };
  for (int i = 0; i < 6; ++i) {
    const std::string step = std::to_string(i);
    expect("");
    co_await Sleep();
    expect("");
    const Scope scope({{"step", step}});
    co_await net::post(net::use_awaitable);
    expect(step);
    // A coroutine beside this one, on the same executor, begins with this one's context.
    net::co_spawn(co_await net::this_coro::executor, Child(id, wrong), net::detached);
    co_await Child(id, wrong);
    expect(step);
    co_await net::dispatch(net::use_awaitable);
    expect(step);
  }
}

// REQ L-07
TEST(ContextExecutor, AThousandCoroutinesKeepTheirOwnAcrossThreads) {
  net::io_context io;
  std::atomic<int> wrong{0};
  for (int i = 0; i < 1000; ++i) {
    const std::string id = "r" + std::to_string(i);
    const Scope scope({{"request_id", id}});
    TraceContext trace{.parent = generate_traceparent(), .state = {}, .baggage = {}};
    trace.baggage.set("id", id);
    const TraceScope trace_scope(trace);
    net::co_spawn(context_executor(io.get_executor()), Request(id, wrong), net::detached);
  }
  EXPECT_EQ(RunOnThreads(io, 4), 0);
  EXPECT_EQ(wrong, 0);
}

#endif

using Executor = ContextExecutor<net::io_context::executor_type>;

// A coroutine of a type that knows nothing of contexts, whose steps are posted to an executor.
struct Posted {
  struct promise_type {
    Posted get_return_object() { return {}; }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};
struct NextStep {
  const Executor& executor;
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<> handle) { net::post(executor, handle); }
  void await_resume() {}
};

std::string StepAndBaggage() {
  return context_value("step") + std::string(current_trace().baggage.get("parent"));
}

Posted Outlives(const Executor& executor, std::string& seen) {
  {
    const Scope scope({{"depth", "child"}});
    const TraceScope trace_scope(current_trace());
    co_await NextStep{executor};
    seen = StepAndBaggage() + context_value("depth");
  }
  seen += " " + StepAndBaggage() + context_value("depth");
  co_await NextStep{executor};
  { const Scope scope({{"again", 1}}); }
  seen += " " + StepAndBaggage();
}

// It ends its own scopes after the one who started it has ended those around them.
TEST(ContextExecutor, ACoroutineGoesBackToScopesThatAreGone) {
  net::io_context io;
  std::string seen;
  const Executor executor = context_executor(io.get_executor());
  net::post(executor, [&] {
    const Scope scope({{"step", "s"}});
    TraceContext trace;
    trace.baggage.set("parent", "p");
    const TraceScope trace_scope(trace);
    net::post(executor, [&] { Outlives(executor, seen); });
  });
  io.run();
  EXPECT_EQ(seen, "spchild sp sp");
  EXPECT_TRUE(capture().empty());
}

TEST(ContextExecutor, CarriesToWhateverRunsOnItAndOnAStrandOfIt) {
  net::io_context io;
  std::vector<std::string> seen;
  {
    const Scope scope({{"request_id", "r1"}});
    const auto executor = context_executor(io.get_executor());
    net::post(executor, [&] { seen.push_back("post " + Id()); });
    auto strand = net::make_strand(executor);
    net::post(strand, [&] { seen.push_back("strand " + Id()); });
    const net::any_io_executor erased = executor;
    net::post(erased, [&] { seen.push_back("erased " + Id()); });
  }
  io.run();
  EXPECT_EQ(seen, (std::vector<std::string>{"post r1", "strand r1", "erased r1"}));
  EXPECT_TRUE(capture().empty());
}

// What finishes an operation may be another coroutine on the same executor: its context is not the one.
TEST(ContextExecutor, AnOperationGoesOnInTheContextOfItsStartWhoeverEndsIt) {
  net::io_context io;
  std::string seen;
  const auto executor = context_executor(io.get_executor());
  net::steady_timer timer(executor, std::chrono::hours(1));
  net::post(executor, [&] {
    const Scope scope({{"request_id", "waits"}});
    timer.async_wait([&](auto) { seen = Id(); });
  });
  net::post(executor, [&] {
    const Scope scope({{"request_id", "cancels"}});
    timer.cancel();
  });
  io.run();
  EXPECT_EQ(seen, "waits");
}

TEST(ContextExecutor, AnExceptionLeavesTheThreadItsOwn) {
  net::io_context io;
  const Scope scope({{"request_id", "main's"}});
  net::post(context_executor(io.get_executor()), [] { throw 5; });
  EXPECT_THROW(io.run(), int);
  EXPECT_EQ(Id(), "main's");
}

// A handler with everything that Asio can associate, as members.
struct Associating {
  using executor_type = net::strand<net::io_context::executor_type>;
  using allocator_type = std::pmr::polymorphic_allocator<std::byte>;

  executor_type strand;
  std::pmr::memory_resource* resource;
  std::string& seen;

  executor_type get_executor() const noexcept { return strand; }
  allocator_type get_allocator() const noexcept { return allocator_type(resource); }
#ifdef ASIO_STANDALONE
  using cancellation_slot_type = net::cancellation_slot;
  net::cancellation_slot slot = {};
  cancellation_slot_type get_cancellation_slot() const noexcept { return slot; }
#endif

  template <typename Error>
  void operator()(Error error) {
    seen = Id() + (strand.running_in_this_thread() ? " on its strand" : " anywhere") +
           (error ? " cancelled" : "");
  }
};

TEST(BindContext, KeepsTheHandlersExecutorAndAllocator) {
  net::io_context io;
  std::pmr::unsynchronized_pool_resource resource;
  std::string seen;
  net::steady_timer timer(io, std::chrono::milliseconds(1));
  const Associating handler{net::make_strand(io.get_executor()), &resource, seen};
  {
    const Scope scope({{"request_id", "r1"}});
    auto bound = bind_context(handler);
    EXPECT_EQ(net::get_associated_executor(bound), handler.strand);
    EXPECT_EQ(net::get_associated_allocator(bound).resource(), &resource);
    timer.async_wait(std::move(bound));
  }
  io.run();
  EXPECT_EQ(seen, "r1 on its strand");
  EXPECT_TRUE(capture().empty());
}

#ifdef ASIO_STANDALONE
TEST(BindContext, KeepsTheHandlersCancellationSlot) {
  net::io_context io;
  std::string seen;
  net::cancellation_signal signal;
  net::steady_timer timer(io, std::chrono::hours(1));
  {
    const Scope scope({{"request_id", "r1"}});
    timer.async_wait(bind_context(Associating{net::make_strand(io.get_executor()),
                                              std::pmr::get_default_resource(), seen, signal.slot()}));
  }
  net::post(io, [&] { signal.emit(net::cancellation_type::all); });
  io.run();
  EXPECT_EQ(seen, "r1 on its strand cancelled");
}
#endif

}  // namespace
}  // namespace taffrail
