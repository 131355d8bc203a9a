// Opens the sources of an ordered scan before the merge comes to them, on helper threads: a few at a time, so
// that what nobody will ask for is not read, and memory stays bounded.
#pragma once

#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/status.h"
#include "store/ordered_merge.h"

namespace taffrail::store {

class OpenAhead {
 public:
  // Opens source i, on any thread.
  using Open = std::function<absl::Status(size_t i, OpenedRows& rows)>;

  // `sources` in the order in which they will be taken, about. At most `helpers` threads beside the caller's.
  OpenAhead(size_t sources, unsigned helpers, Open open);
  ~OpenAhead();
  OpenAhead(const OpenAhead&) = delete;
  OpenAhead& operator=(const OpenAhead&) = delete;

  // The rows of source i, which may be taken again. Called by one thread.
  absl::Status Take(size_t i, OpenedRows& rows);

 private:
  enum class State : uint8_t { kWaiting, kOpening, kReady, kTaken };
  struct Source {
    State state = State::kWaiting;
    absl::Status status;
    OpenedRows rows;
    size_t memory_bytes = 0;
  };

  void Help();
  void PassStarted() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasNext() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasNextOrEnds() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || next_ >= sources_.size() || HasNext();
  }
  void OpenNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Open open_;
  const unsigned helpers_;
  absl::Mutex mutex_;
  std::vector<Source> sources_ ABSL_GUARDED_BY(mutex_);
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;   // the first that nobody has started, after PassStarted
  size_t taken_ ABSL_GUARDED_BY(mutex_) = 0;  // how many have been asked for
  size_t ready_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace taffrail::store
