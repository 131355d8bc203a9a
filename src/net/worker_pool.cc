#include "net/worker_pool.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace taffrail::net {

WorkerPool::WorkerPool(int threads, size_t max_queued, int lane_threads)
    : max_queued_(max_queued), lane_threads_(lane_threads) {
  assert(lane_threads >= 1 && lane_threads <= threads);
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

WorkerPool::~WorkerPool() { Stop(); }

bool WorkerPool::TryRun(std::function<void()> task, const Lane& lane) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return false;
  if (lane.name.empty()) {
    if (tasks_.size() >= max_queued_) return false;
    tasks_.push_back(std::move(task));
    return true;
  }
  Queue& queue = lanes_[lane.name];
  queue.width = std::max(1, lane.width);
  // A free place is no waiting, even if its worker is not yet there.
  const size_t free = static_cast<size_t>(std::max(0, queue.width - queue.running));
  if (queue.waiting.size() >= free + lane.max_waiting) {
    ++refused_in_lanes_;
    return false;
  }
  queue.waiting.push_back(std::move(task));
  ++waiting_in_lanes_;
  return true;
}

void WorkerPool::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

std::vector<LaneState> WorkerPool::Lanes() const {
  std::vector<LaneState> states;
  absl::MutexLock lock(&mutex_);
  for (const auto& [name, queue] : lanes_) states.push_back({name, queue.running, queue.waiting.size()});
  return states;
}

uint64_t WorkerPool::refused_in_lanes() const {
  absl::MutexLock lock(&mutex_);
  return refused_in_lanes_;
}

bool WorkerPool::LaneHasTurn() const {
  if (waiting_in_lanes_ == 0 || running_in_lanes_ >= lane_threads_) return false;
  return std::ranges::any_of(lanes_, [](const auto& lane) { return lane.second.HasTurn(); });
}

bool WorkerPool::HasWorkOrStops() const {
  return !tasks_.empty() || LaneHasTurn() || (stopping_ && IsEmpty());
}

// The first after the one that was last: nobody waits for more than one turn of each other lane.
WorkerPool::Queues::iterator WorkerPool::NextLane() {
  auto lane = lanes_.upper_bound(last_lane_);
  while (lane == lanes_.end() || !lane->second.HasTurn()) {
    lane = lane == lanes_.end() ? lanes_.begin() : std::next(lane);
  }
  return lane;
}

void WorkerPool::RunOfLane() {
  const auto lane = NextLane();
  Queue& queue = lane->second;  // stays where it is, and in the map while a task of it runs
  std::function<void()> task = std::move(queue.waiting.front());
  queue.waiting.pop_front();
  ++queue.running;
  --waiting_in_lanes_;
  ++running_in_lanes_;
  last_lane_ = lane->first;
  mutex_.Unlock();
  task();
  task = nullptr;  // what it holds goes before its place is given away
  mutex_.Lock();
  --queue.running;
  --running_in_lanes_;
  if (queue.running == 0 && queue.waiting.empty()) lanes_.erase(lane);
}

void WorkerPool::Work() {
  absl::MutexLock lock(&mutex_);
  while (true) {
    mutex_.Await(absl::Condition(this, &WorkerPool::HasWorkOrStops));
    if (!tasks_.empty()) {
      std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      mutex_.Unlock();
      task();
      task = nullptr;
      mutex_.Lock();
    } else if (LaneHasTurn()) {
      RunOfLane();
    } else {
      return;
    }
  }
}

}  // namespace taffrail::net
