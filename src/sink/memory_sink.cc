#include <algorithm>
#include <deque>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "taffrail/sinks.h"

namespace taffrail {

struct MemorySink::State {
  State(size_t lines_max, size_t bytes_max) : max_lines(lines_max), max_bytes(bytes_max) {}
  const size_t max_lines;
  const size_t max_bytes;
  absl::Mutex mutex;
  std::deque<RecentLine> lines ABSL_GUARDED_BY(mutex);
  size_t bytes ABSL_GUARDED_BY(mutex) = 0;
};

MemorySink::MemorySink(size_t max_lines, size_t max_bytes)
    : state_(std::make_unique<State>(max_lines, max_bytes)) {}
MemorySink::~MemorySink() = default;

bool MemorySink::write(const Batch& batch) {
  absl::MutexLock lock(&state_->mutex);
  for (const Entry& entry : batch.entries) {
    state_->lines.push_back(
        {entry.level, entry.time_ns, std::string(entry.logger), entry.category, std::string(entry.line)});
    state_->bytes += entry.line.size();
    while (!state_->lines.empty() &&
           (state_->lines.size() > state_->max_lines || state_->bytes > state_->max_bytes)) {
      state_->bytes -= state_->lines.front().line.size();
      state_->lines.pop_front();
    }
  }
  return true;
}

std::vector<std::string> MemorySink::lines() const {
  absl::MutexLock lock(&state_->mutex);
  std::vector<std::string> lines;
  lines.reserve(state_->lines.size());
  for (const RecentLine& line : state_->lines) lines.push_back(line.line);
  return lines;
}

std::vector<RecentLine> MemorySink::recent(size_t max_lines, Level least) const {
  std::vector<RecentLine> found;
  absl::MutexLock lock(&state_->mutex);
  for (auto line = state_->lines.rbegin(); line != state_->lines.rend() && found.size() < max_lines; ++line) {
    if (line->level >= least) found.push_back(*line);
  }
  std::ranges::reverse(found);
  return found;
}

void MemorySink::clear() {
  absl::MutexLock lock(&state_->mutex);
  state_->lines.clear();
  state_->bytes = 0;
}

namespace {

class FunctionSink : public Sink {
 public:
  explicit FunctionSink(std::function<bool(const Batch&)> write) : write_(std::move(write)) {}
  bool write(const Batch& batch) override { return write_(batch); }

 private:
  std::function<bool(const Batch&)> write_;
};

}  // namespace

std::shared_ptr<Sink> function_sink(std::function<bool(const Batch&)> write) {
  return std::make_shared<FunctionSink>(std::move(write));
}

}  // namespace taffrail
