#include "config/thread.h"

#include <pthread.h>

#include <csignal>
#include <utility>

namespace taffrail::config {

std::thread StartThread(const char* name, std::function<void()> run) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // the new thread inherits it
  std::thread thread([name, run = std::move(run)] {
    pthread_setname_np(pthread_self(), name);
    run();
  });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace taffrail::config
