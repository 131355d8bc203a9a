// Jobs that wait for a worker: bounded, in order of the time they are due.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include <taffrail/context.h>

namespace task_service {

struct Job {
  std::string id;
  std::string task_name;
  std::function<void()> run;  // throws when it fails; then it is run again, so it must bear that
  int attempt = 1;
  std::chrono::steady_clock::time_point enqueued_at;
  // Whose request this belongs to, so that the worker's lines tell.
  taffrail::Context context;
};

class JobQueue {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr const char* kName = "default";
  // A minute of work for one worker; more would only grow older.
  static constexpr size_t kJobsMax = 2'000;

  // Takes the present context along, and logs that it did. False, logged too, when the queue is full or
  // closed.
  bool Enqueue(std::string task_name, std::function<void()> run);
  // A job that failed, for its next attempt. Always accepted: it has its place already.
  void EnqueueAgain(Job job, Clock::duration delay);

  // Waits for a due job; nothing when the queue is closed and empty. Once it is closed all jobs are due.
  std::optional<Job> Take();
  void Close();
  [[nodiscard]] bool closed() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Clock::time_point, Job> jobs_;  // by the time they are due; guarded by mutex_
  bool closed_ = false;
};

}  // namespace task_service
