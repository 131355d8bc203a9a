// A child of fork() has queues, a backend and, with Config::queue_dir, an entry of its own, from its first
// line on. Its scopes go on. What was queued at the fork is the parent's to write.
#pragma once

#include <new>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace taffrail::log {

// Once.
void WatchForks();

// In the child, of a mutex that was locked before the fork: threads that wait for it are not there any more.
// It is not unlocked: one of them may have been about to join the queue of those that wait, and Unlock()
// would wait for that to be done, for ever.
inline void RenewMutex(absl::Mutex& mutex) {
  mutex.~Mutex();
  new (&mutex) absl::Mutex;
}

}  // namespace taffrail::log
