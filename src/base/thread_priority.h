// Work that can wait gives way to work that somebody waits for.
#pragma once

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace taffrail::base {

// Lowers the priority of the calling thread alone: on Linux each has a nice value of its own. Where that is
// not so, or not allowed, nothing changes.
inline void LowerThreadPriority(int nice) {
#if defined(__linux__)
  const auto thread = static_cast<id_t>(syscall(SYS_gettid));
  (void)setpriority(PRIO_PROCESS, thread, nice);
#else
  (void)nice;
#endif
}

// The calling thread gets its share of the processor as before, but when it wakes it waits for its turn
// instead of taking the processor from a thread at work, which may hold a lock that others wait for
// (sched(7), SCHED_BATCH).
inline void GiveWayWhenWoken() {
#if defined(__linux__)
  const sched_param none{};
  (void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &none);
#endif
}

}  // namespace taffrail::base
