#include "config/thread.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <utility>

namespace taffrail::config {

void Worker::Start(const char* name, std::function<void()> run) {
  Join();  // a parent's
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // the new thread inherits it
  thread_ = std::thread([name, run = std::move(run)] {
    pthread_setname_np(pthread_self(), name);
    run();
  });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  process_ = getpid();
}

bool Worker::RunsHere() const { return thread_.joinable() && process_ == getpid(); }

void Worker::Join() {
  if (RunsHere()) {
    thread_.join();
  } else if (thread_.joinable()) {
    thread_.detach();
  }
}

}  // namespace taffrail::config
