#include "taffrail/coroutine.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <set>
#include <stdexcept>
#include <string>

#include "context/pool_for_tests.h"
#include "taffrail/trace.h"

namespace taffrail {
namespace {

using context::PoolForTests;

// A lazy task that is awaited by another or runs by itself, as they all are; `Base` carries the context or
// does not.
template <typename Base>
class [[nodiscard]] TaskOf {
 public:
  struct promise_type : Base {
    std::coroutine_handle<> continuation = std::noop_coroutine();
    std::exception_ptr error;

    struct Final {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
        return self.promise().continuation;
      }
      void await_resume() noexcept {}
    };
    TaskOf get_return_object() { return TaskOf(std::coroutine_handle<promise_type>::from_promise(*this)); }
    auto final_suspend() noexcept { return this->carry(Final()); }
    void return_void() {}
    void unhandled_exception() { error = std::current_exception(); }
  };

  explicit TaskOf(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  TaskOf(TaskOf&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  ~TaskOf() {
    if (handle_) handle_.destroy();
  }

  void Start() { handle_.resume(); }
  bool done() const { return handle_.done(); }

  bool await_ready() { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) {
    handle_.promise().continuation = awaiting;
    return handle_;
  }
  void await_resume() {
    if (handle_.promise().error) std::rethrow_exception(handle_.promise().error);
  }

 private:
  std::coroutine_handle<promise_type> handle_;
};

// What a promise is that knows nothing of contexts.
struct PlainPromise {
  std::suspend_always initial_suspend() noexcept { return {}; }
  template <typename Awaiter>
  Awaiter carry(Awaiter awaiter) {
    return awaiter;
  }
};

using Task = TaskOf<ContextPromise>;
using PlainTask = TaskOf<PlainPromise>;

std::string Id() { return context_value("request_id"); }

// Checks at every step that the context is this coroutine's and no other's.
struct Inspector {
  std::string id;
  std::atomic<int>& wrong;

  void Expect(const std::string& step, const std::string& depth) const {
    const bool right = Id() == id && context_value("step") == step && context_value("depth") == depth &&
                       current_trace().baggage.get("id") == id;
    if (!right) ++wrong;
  }
};

TraceContext TraceOf(const std::string& id) {
  TraceContext trace{.parent = generate_traceparent(), .state = {}, .baggage = {}};
  trace.baggage.set("id", id);
  return trace;
}

Task Inner(PoolForTests& pool, const Inspector& inspect, std::string step) {
  inspect.Expect(step, "");
  const Scope scope({{"depth", "inner"}});
  co_await pool.Hop();
  inspect.Expect(step, "inner");
  if (step == "3") throw std::runtime_error("three");
}

Task Request(PoolForTests& pool, std::string id, std::atomic<int>& wrong, std::latch& done) {
  {
    const Inspector inspect{id, wrong};
    const Scope request({{"request_id", id}});
    const TraceScope trace(TraceOf(id));
    for (int i = 0; i < 6; ++i) {
      const std::string step = std::to_string(i);
      co_await pool.Hop();
      inspect.Expect("", "");
      const Scope scope({{"step", step}});  // opened on one thread, closed on another
      co_await pool.Hop();
      inspect.Expect(step, "");
      try {
        co_await Inner(pool, inspect, step);
        if (i == 3) ++wrong;
      } catch (const std::runtime_error&) {
        if (i != 3) ++wrong;
      }
      inspect.Expect(step, "");
    }
  }
  if (Id() != "main's") ++wrong;  // as when it was called
  done.count_down();
  co_await std::suspend_always{};  // so that nobody destroys it while it still runs
}

// REQ L-07
TEST(ContextPromise, AThousandCoroutinesKeepTheirOwnAcrossThreads) {
  constexpr int kCoroutines = 1000;
  std::atomic<int> wrong{0};
  std::latch done(kCoroutines);
  const Scope scope({{"request_id", "main's"}});
  const Context before = capture();
  std::vector<Task> tasks;
  {
    PoolForTests pool(4);
    for (int i = 0; i < kCoroutines; ++i) {
      tasks.push_back(Request(pool, "r" + std::to_string(i), wrong, done));
      tasks.back().Start();
    }
    EXPECT_TRUE(capture() == before);
    done.wait();
    EXPECT_EQ(pool.soiled(), 0);
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(capture() == before);
}

PlainTask PlainRequest(PoolForTests& pool, std::string id, std::atomic<int>& wrong, std::latch& done) {
  {
    CoroutineContext context;
    const Inspector inspect{id, wrong};
    const Scope request({{"request_id", id}});
    const TraceScope trace(TraceOf(id));
    for (int i = 0; i < 10; ++i) {
      co_await context.carry(pool.Hop());
      inspect.Expect("", "");
      const std::string step = std::to_string(i);
      const Scope scope({{"step", step}});
      co_await context.carry(pool.Hop());
      inspect.Expect(step, "");
    }
  }
  done.count_down();
  co_await std::suspend_always{};
}

TEST(CoroutineContext, DoesTheSameInsideACoroutineOfAnyType) {
  constexpr int kCoroutines = 1000;
  std::atomic<int> wrong{0};
  std::latch done(kCoroutines);
  std::vector<PlainTask> tasks;
  {
    PoolForTests pool(4);
    for (int i = 0; i < kCoroutines; ++i) {
      tasks.push_back(PlainRequest(pool, "r" + std::to_string(i), wrong, done));
      tasks.back().Start();
    }
    EXPECT_TRUE(capture().empty());
    done.wait();
    EXPECT_EQ(pool.soiled(), 0);
  }
  EXPECT_EQ(wrong, 0);
}

// Writes down the request id that its destructor sees.
struct AtEnd {
  std::string& seen;
  ~AtEnd() { seen = Id(); }
};

Task Waits(std::string& seen) {
  const Scope scope({{"request_id", "coroutine's"}});
  const AtEnd at_end{seen};
  co_await std::suspend_always{};
}

TEST(ContextPromise, ACoroutineDestroyedWhileItWaitsEndsInItsOwnContext) {
  const Scope scope({{"request_id", "main's"}});
  std::string seen;
  {
    Task task = Waits(seen);
    task.Start();
    EXPECT_EQ(Id(), "main's");
  }
  EXPECT_EQ(seen, "coroutine's");
  EXPECT_EQ(Id(), "main's");
  { const Task never_started = Waits(seen); }
  EXPECT_EQ(Id(), "main's");
}

// A Context that is attached both in the coroutine and where that is destroyed is one and the same frame.
Task Attaches(const Context& context) {
  const Scope own({{"request_id", "coroutine's"}});
  const Attach attach(context);
  co_await std::suspend_always{};
}

TEST(ContextPromise, AndLeavesThatOfItsDestroyerAloneEvenWhenTheyShareIt) {
  Context shared;
  {
    const Scope scope({{"request_id", "shared"}});
    shared = capture();
  }
  auto task = std::make_unique<Task>(Attaches(shared));
  task->Start();
  const Attach attach(shared);
  task.reset();
  EXPECT_EQ(Id(), "shared");
}

struct Refuses {
  bool await_ready() { return false; }
  bool await_suspend(std::coroutine_handle<>) { return false; }
  void await_resume() {}
};
struct Throws {
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<>) { throw std::runtime_error("no"); }
  void await_resume() {}
};
struct Ready {
  Refuses operator co_await() && { return {}; }
};

Task Stays(std::vector<std::string>& seen) {
  const Scope scope({{"request_id", "coroutine's"}});
  co_await Refuses();
  seen.push_back(Id());
  try {
    co_await Throws();
  } catch (const std::runtime_error&) {
    seen.push_back(Id());
  }
  co_await Ready();
  seen.push_back(Id());
  co_await std::suspend_never();
  seen.push_back(Id());
}

TEST(ContextPromise, AnAwaitThatDoesNotSuspendChangesNothing) {
  const Scope scope({{"request_id", "main's"}});
  std::vector<std::string> seen;
  Task task = Stays(seen);
  task.Start();
  EXPECT_TRUE(task.done());
  EXPECT_EQ(seen, std::vector<std::string>(4, "coroutine's"));
  EXPECT_EQ(Id(), "main's");
}

}  // namespace
}  // namespace taffrail
