// Work that can wait gives way to work that somebody waits for.
#pragma once

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

}  // namespace taffrail::base
