// Threads that run tasks: those of no lane in the order they came, those of lanes (lane.h) in turn, lane by
// lane, and each lane's own in order.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "net/lane.h"

namespace taffrail::net {

// Thread-safe, but for Stop.
class WorkerPool {
 public:
  // `max_queued` tasks of no lane may wait. Of the threads at most `lane_threads` run tasks of lanes at once.
  // REQUIRES: 1 <= lane_threads <= threads.
  WorkerPool(int threads, size_t max_queued, int lane_threads);
  ~WorkerPool();  // Stop

  // False, and the task is dropped, when too many wait or the pool stopped.
  [[nodiscard]] bool TryRun(std::function<void()> task, const Lane& lane = {});
  // Runs what is queued, then ends the threads. Not from a task.
  void Stop();

  std::vector<LaneState> Lanes() const;  // those with tasks, by name
  uint64_t refused_in_lanes() const;     // tasks, since the start

 private:
  struct Queue {
    int width = 0;  // of the last task that came
    int running = 0;
    std::deque<std::function<void()>> waiting;
    bool HasTurn() const { return running < width && !waiting.empty(); }
  };
  using Queues = std::map<std::string, Queue>;

  void Work();
  bool HasWorkOrStops() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool IsEmpty() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return tasks_.empty() && waiting_in_lanes_ == 0; }
  bool LaneHasTurn() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  Queues::iterator NextLane() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RunOfLane() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t max_queued_;
  const int lane_threads_;
  mutable absl::Mutex mutex_;
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);  // of no lane
  Queues lanes_ ABSL_GUARDED_BY(mutex_);
  std::string last_lane_ ABSL_GUARDED_BY(mutex_);  // that had its turn
  size_t waiting_in_lanes_ ABSL_GUARDED_BY(mutex_) = 0;
  int running_in_lanes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t refused_in_lanes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace taffrail::net
