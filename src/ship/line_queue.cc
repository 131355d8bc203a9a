#include "ship/line_queue.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

namespace taffrail::ship {

bool LineQueue::Add(const Batch& batch) {
  Chunk chunk{.text = std::string(batch.text), .lines = {}, .arrived = absl::Now()};
  chunk.lines.reserve(batch.entries.size());
  for (const Entry& entry : batch.entries)
    chunk.lines.push_back({entry.level, entry.time_ns, entry.line.size()});
  absl::MutexLock lock(&mutex_);
  if (closed_ || waiting_bytes_ + taken_bytes_ + chunk.text.size() > limits_.queue_bytes) return false;
  const bool first = chunks_.empty();
  waiting_bytes_ += chunk.text.size();
  waiting_lines_ += chunk.lines.size();
  ++added_;
  chunks_.push_back(std::move(chunk));
  if (first || BatchIsReady()) changed_.SignalAll();
  return true;
}

bool LineQueue::BatchIsReady() const {
  return closed_ || (!chunks_.empty() && (flush_to_ > taken_ || waiting_bytes_ >= limits_.batch_bytes ||
                                          waiting_lines_ >= limits_.batch_lines));
}

std::vector<Chunk> LineQueue::Take() {
  absl::MutexLock lock(&mutex_);
  while (!BatchIsReady()) {
    if (chunks_.empty()) {
      changed_.Wait(&mutex_);
    } else if (changed_.WaitWithDeadline(&mutex_, chunks_.front().arrived + limits_.batch_age)) {
      break;
    }
  }
  std::vector<Chunk> taken;
  while (!chunks_.empty()) {
    Chunk& next = chunks_.front();
    const bool fits = taken_bytes_ + next.text.size() <= limits_.batch_bytes &&
                      taken_lines_ + next.lines.size() <= limits_.batch_lines;
    if (!taken.empty() && !fits) break;
    taken_bytes_ += next.text.size();
    taken_lines_ += next.lines.size();
    waiting_bytes_ -= next.text.size();
    waiting_lines_ -= next.lines.size();
    ++taken_;
    taken.push_back(std::move(next));
    chunks_.pop_front();
  }
  return taken;
}

void LineQueue::Done() {
  absl::MutexLock lock(&mutex_);
  taken_bytes_ = 0;
  taken_lines_ = 0;
  done_ = taken_;
  changed_.SignalAll();
}

bool LineQueue::Flush(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const uint64_t wanted = added_;
  flush_to_ = std::max(flush_to_, wanted);
  changed_.SignalAll();
  while (done_ < wanted) {
    if (changed_.WaitWithDeadline(&mutex_, deadline)) return done_ >= wanted;
  }
  return true;
}

void LineQueue::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
  changed_.SignalAll();
}

bool LineQueue::closed() const {
  absl::MutexLock lock(&mutex_);
  return closed_;
}

void LineQueue::Pause(absl::Duration duration) {
  const absl::Time until = absl::Now() + duration;
  absl::MutexLock lock(&mutex_);
  while (!closed_ && !changed_.WaitWithDeadline(&mutex_, until)) {
  }
}

uint64_t LineQueue::lines_left() const {
  absl::MutexLock lock(&mutex_);
  return waiting_lines_ + taken_lines_;
}

}  // namespace taffrail::ship
