// The thread that runs jobs, one after the other, each under the context of the request that enqueued it.
#pragma once

#include <thread>

#include "task_service/jobs/queue.h"

namespace task_service {

class Worker {
 public:
  // REQUIRES: the queue outlives the worker.
  explicit Worker(JobQueue& queue);

  // Closes the queue and runs what is left in it; retries come at once.
  void Drain();

 private:
  void Run();
  void RunJob(Job job);
  void Fail(Job job, JobQueue::Clock::time_point start);

  JobQueue& queue_;
  std::jthread thread_;
};

}  // namespace task_service
