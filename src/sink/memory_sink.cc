#include <deque>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "taffrail/sinks.h"

namespace taffrail {

struct MemorySink::State {
  explicit State(size_t max) : max_lines(max) {}
  const size_t max_lines;
  absl::Mutex mutex;
  std::deque<std::string> lines ABSL_GUARDED_BY(mutex);
};

MemorySink::MemorySink(size_t max_lines) : state_(std::make_unique<State>(max_lines)) {}
MemorySink::~MemorySink() = default;

bool MemorySink::write(const Batch& batch) {
  absl::MutexLock lock(&state_->mutex);
  for (const Entry& entry : batch.entries) {
    state_->lines.emplace_back(entry.line);
    if (state_->lines.size() > state_->max_lines) state_->lines.pop_front();
  }
  return true;
}

std::vector<std::string> MemorySink::lines() const {
  absl::MutexLock lock(&state_->mutex);
  return {state_->lines.begin(), state_->lines.end()};
}

void MemorySink::clear() {
  absl::MutexLock lock(&state_->mutex);
  state_->lines.clear();
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
