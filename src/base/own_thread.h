// A thread of the library's own, in somebody else's program.
#pragma once

#include <csignal>
#include <thread>
#include <utility>

namespace taffrail::base {

// Signals are the program's, which may wait for them (sigwait) or handle them with what its threads know:
// none is handled on ours, but what the thread itself does wrong.
template <typename Run>
std::thread StartOwnThread(Run run) {
  class Blocked {  // a new thread inherits the mask
   public:
    Blocked() {
      sigset_t all;
      sigfillset(&all);
      for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) sigdelset(&all, fault);
      pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~Blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    Blocked(const Blocked&) = delete;
    Blocked& operator=(const Blocked&) = delete;

   private:
    sigset_t before_;
  };
  const Blocked blocked;
  return std::thread(std::move(run));
}

}  // namespace taffrail::base
