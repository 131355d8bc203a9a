// SIGHUP: counted in the handler, acted upon by the sinks before their next line.
#include <atomic>
#include <csignal>
#include <mutex>

#include "taffrail/sink_file.h"

namespace taffrail {
namespace {

constinit std::atomic<uint64_t> requests{0};
static_assert(std::atomic<uint64_t>::is_always_lock_free, "a signal handler adds to it");

struct sigaction before {};  // written once, before our handler can run

void OnSighup(int signal, siginfo_t* info, void* context) {
  request_reopen();
  if ((before.sa_flags & SA_SIGINFO) != 0) {
    before.sa_sigaction(signal, info, context);
  } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
    before.sa_handler(signal);
  }
}

}  // namespace

void reopen_on_sighup() {
  static std::once_flag once;
  std::call_once(once, [] {
    sigaction(SIGHUP, nullptr, &before);
    struct sigaction ours {};
    ours.sa_sigaction = OnSighup;
    // SA_RESTART: the program's own system calls must not begin to fail because its log is rotated.
    ours.sa_flags = SA_SIGINFO | SA_RESTART | (before.sa_flags & SA_ONSTACK);
    ours.sa_mask = before.sa_mask;
    sigaction(SIGHUP, &ours, nullptr);
  });
}

void request_reopen() noexcept { requests.fetch_add(1, std::memory_order_release); }
uint64_t reopen_requests() noexcept { return requests.load(std::memory_order_acquire); }

}  // namespace taffrail
