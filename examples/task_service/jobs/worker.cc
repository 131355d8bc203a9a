#include "task_service/jobs/worker.h"

#include <utility>

#include <taffrail/context.h>
#include <taffrail/log.h>

namespace task_service {
namespace {

using taffrail::kv;

const taffrail::Logger log("job.worker");

constexpr int kAttemptsMax = 3;
constexpr std::chrono::milliseconds kFirstRetryAfter{500};  // then twice that: what is down may be up again

}  // namespace

Worker::Worker(JobQueue& queue) : queue_(queue), thread_([this] { Run(); }) {}

void Worker::Drain() {
  queue_.Close();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Worker::Run() {
  while (auto job = queue_.Take()) {
    RunJob(*std::move(job));
  }
}

void Worker::RunJob(Job job) {
  const taffrail::Attach attach(job.context);
  const taffrail::Scope scope({{"job_id", job.id}, {"worker", "worker-1"}});
  const auto start = JobQueue::Clock::now();
  log.info("Job started", kv("task_name", job.task_name), kv("queue", JobQueue::kName),
           kv("attempt", job.attempt), kv("waited_ms", start - job.enqueued_at));
  try {
    job.run();
    log.info("Job succeeded", kv("task_name", job.task_name), kv("queue", JobQueue::kName),
             kv("attempt", job.attempt), kv("duration_ms", JobQueue::Clock::now() - start));
  } catch (const std::exception&) {
    Fail(std::move(job), start);
  }
}

void Worker::Fail(Job job, JobQueue::Clock::time_point start) {
  const auto elapsed = JobQueue::Clock::now() - start;
  if (job.attempt >= kAttemptsMax) {
    log.error("Job failed", taffrail::error(), kv("task_name", job.task_name), kv("queue", JobQueue::kName),
              kv("attempt", job.attempt), kv("duration_ms", elapsed));
    return;
  }
  const auto delay = kFirstRetryAfter * (1 << (job.attempt - 1));
  log.warning("Job failed, will be tried again", taffrail::error(), kv("task_name", job.task_name),
              kv("queue", JobQueue::kName), kv("attempt", job.attempt), kv("duration_ms", elapsed),
              kv("retry_in_ms", delay));
  ++job.attempt;
  job.enqueued_at = JobQueue::Clock::now();
  queue_.EnqueueAgain(std::move(job), delay);
}

}  // namespace task_service
