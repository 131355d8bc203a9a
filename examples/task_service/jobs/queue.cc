#include "task_service/jobs/queue.h"

#include <utility>

#include <taffrail/log.h>
#include <taffrail/request_id.h>

namespace task_service {
namespace {

using taffrail::kv;

const taffrail::Logger log("job.queue");

}  // namespace

bool JobQueue::Enqueue(std::string task_name, std::function<void()> run) {
  Job job{.id = "job_" + taffrail::generate_id().substr(4),  // "req_" is for requests
          .task_name = std::move(task_name),
          .run = std::move(run),
          .enqueued_at = Clock::now(),
          .context = taffrail::capture()};
  const std::string id = job.id;
  const std::string name = job.task_name;
  size_t waiting = 0;
  bool accepted = false;
  {
    const std::scoped_lock lock(mutex_);
    waiting = jobs_.size();
    accepted = !closed_ && waiting < kJobsMax;
    if (accepted) {
      jobs_.emplace(job.enqueued_at, std::move(job));
    }
  }
  const taffrail::Scope scope({{"job_id", id}});
  if (accepted) {
    log.info("Job enqueued", kv("task_name", name), kv("queue", kName), kv("queue_depth", waiting + 1));
    changed_.notify_one();
  } else {
    log.error("Job rejected", kv("task_name", name), kv("queue", kName), kv("queue_depth", waiting));
  }
  return accepted;
}

void JobQueue::EnqueueAgain(Job job, Clock::duration delay) {
  const auto due = Clock::now() + delay;
  {
    const std::scoped_lock lock(mutex_);
    jobs_.emplace(due, std::move(job));
  }
  changed_.notify_one();
}

std::optional<Job> JobQueue::Take() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (jobs_.empty()) {
      if (closed_) {
        return std::nullopt;
      }
      changed_.wait(lock);
      continue;
    }
    const auto first = jobs_.begin();
    if (closed_ || first->first <= Clock::now()) {
      Job job = std::move(first->second);
      jobs_.erase(first);
      return job;
    }
    const auto due = first->first;  // a copy: the entry may go while we wait
    changed_.wait_until(lock, due);
  }
}

void JobQueue::Close() {
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

bool JobQueue::closed() const {
  const std::scoped_lock lock(mutex_);
  return closed_;
}

}  // namespace task_service
