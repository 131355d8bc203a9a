// Threads of ours in a program of others.
#pragma once

#include <sys/types.h>

#include <functional>
#include <thread>

namespace taffrail::config {

// A thread on which no signal is handled: signals are the program's. It does not survive a fork; the child
// has the object, but nothing to wait for. Not thread-safe.
class Worker {
 public:
  // The name has at most 15 bytes. REQUIRES: !RunsHere().
  void Start(const char* name, std::function<void()> run);
  bool RunsHere() const;  // started, not joined, and by this process
  void Join();            // does nothing where it does not run

 private:
  std::thread thread_;
  pid_t process_ = 0;
};

}  // namespace taffrail::config
