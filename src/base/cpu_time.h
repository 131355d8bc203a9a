// How much processor time the calling thread has used.
#pragma once

#include <time.h>

#include <cstdint>

namespace taffrail::base {

inline int64_t ThreadCpuNs() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace taffrail::base
