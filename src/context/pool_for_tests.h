// A thread pool whose workers have a context of their own, and notice when a job does not give it back.
#pragma once

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "taffrail/context.h"

namespace taffrail::context {

class PoolForTests {
 public:
  explicit PoolForTests(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this, i] { Work(i); });
  }
  ~PoolForTests() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    threads_.clear();  // joins
  }

  void Post(std::function<void()> job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
  }

  // co_await pool.Hop() goes on with the coroutine on some worker.
  auto Hop() {
    struct Awaiter {
      PoolForTests& pool;
      bool await_ready() { return false; }
      void await_suspend(std::coroutine_handle<> handle) { pool.Post(handle); }
      void await_resume() {}
    };
    return Awaiter{*this};
  }

  int soiled() const { return soiled_; }  // how often a worker's context was not its own after a job

 private:
  void Work(int number) {
    const Scope scope({{"worker", number}, {"request_id", "the worker's"}});
    const Context own = capture();
    for (;;) {
      std::function<void()> job;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      job();
      if (!(capture() == own)) ++soiled_;
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::atomic<int> soiled_{0};
  std::vector<std::jthread> threads_;
};

}  // namespace taffrail::context
