#include "store/open_ahead.h"

#include <algorithm>
#include <utility>

namespace taffrail::store {
namespace {

// Opened and not yet taken: as much again as a merge may hold (ordered_merge.cc), shared by all helpers.
constexpr size_t kReadyBytes = size_t{96} << 20;
// Sources ahead of the merge, for each helper: one being opened while one waits.
constexpr size_t kAheadPerHelper = 2;

}  // namespace

OpenAhead::OpenAhead(size_t sources, unsigned helpers, Open open)
    : open_(std::move(open)), helpers_(helpers), sources_(sources) {}

OpenAhead::~OpenAhead() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void OpenAhead::PassStarted() {
  while (next_ < sources_.size() && sources_[next_].state != State::kWaiting) ++next_;
}

// Whether the next source may be opened now.
bool OpenAhead::HasNext() const {
  return next_ < sources_.size() && next_ < taken_ + helpers_ * kAheadPerHelper && ready_bytes_ < kReadyBytes;
}

// REQUIRES: PassStarted, and HasNext().
void OpenAhead::OpenNext() {
  const size_t i = next_++;
  Source& source = sources_[i];
  source.state = State::kOpening;
  mutex_.Unlock();
  OpenedRows rows;
  absl::Status status = open_(i, rows);
  const size_t bytes = rows.batch == nullptr ? 0 : rows.batch->MemoryBytes();
  mutex_.Lock();
  source.state = State::kReady;
  source.status = std::move(status);
  source.rows = std::move(rows);
  source.memory_bytes = bytes;
  ready_bytes_ += bytes;
}

void OpenAhead::Help() {
  absl::MutexLock lock(&mutex_);
  for (;;) {
    PassStarted();
    mutex_.Await(absl::Condition(this, &OpenAhead::HasNextOrEnds));
    if (stopping_ || next_ >= sources_.size()) return;
    if (sources_[next_].state == State::kWaiting) OpenNext();
  }
}

absl::Status OpenAhead::Take(size_t i, OpenedRows& rows) {
  {
    absl::MutexLock lock(&mutex_);
    Source& source = sources_[i];
    // A search that has enough with its first block starts no thread.
    if (taken_ > 0 && threads_.empty()) {
      for (unsigned n = 0; n < helpers_; ++n) threads_.emplace_back([this] { Help(); });
    }
    if (source.state != State::kTaken) ++taken_;
    // While a helper is at this one, the next is as good to open as by another helper.
    for (PassStarted(); source.state == State::kOpening && HasNext(); PassStarted()) OpenNext();
    const auto is_open = [&source] { return source.state != State::kOpening; };
    mutex_.Await(absl::Condition(&is_open));
    if (source.state == State::kReady) {
      source.state = State::kTaken;
      ready_bytes_ -= source.memory_bytes;
      rows = std::move(source.rows);
      return source.status;
    }
    source.state = State::kTaken;
  }
  return open_(i, rows);
}

}  // namespace taffrail::store
