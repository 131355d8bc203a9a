#include "log/fatal_signal.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <fmt/format.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "log/core.h"
#include "taffrail/context.h"
#include "taffrail/error.h"
#include "taffrail/log.h"

namespace taffrail::log {
namespace {

constexpr std::array kFatal = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr std::array kEnding = {SIGTERM, SIGINT};
// As long as a slow disk may take for what is queued; a supervisor's patience is longer.
constexpr int kWaitMs = 3'000;
constexpr int64_t kFlushMs = 2'500;  // less, so that the thread is done before it is not waited for any more
constexpr int kFramesMax = 64;
// The unwinder's own frames, and the processor's state, which alone can be more than 10 KiB.
constexpr size_t kStackBytes = size_t{64} << 10;

struct Crash {
  int signal = 0;
  uintptr_t address = 0;
  pid_t thread_id = 0;
  char thread_name[16] = {};
  bool in_sink = false;
  detail::Frame* context = nullptr;
  uintptr_t at = 0;  // the instruction
  int frames = 0;
  std::array<void*, kFramesMax> stack{};
};

Crash crash;                            // written by the thread that has claimed it
std::atomic<pid_t> crashing_thread{0};  // the claim
std::atomic<bool> told{false};          // the serving thread has done what it can
std::atomic<pid_t> serving_thread{0};
sem_t wanted;
std::atomic<bool> catches{false};
std::array<struct sigaction, NSIG> before;

void SleepMs(int ms) {
  timespec time{.tv_sec = 0, .tv_nsec = ms * 1'000'000L};
  nanosleep(&time, nullptr);
}

pid_t ThreadId() { return static_cast<pid_t>(syscall(SYS_gettid)); }

uintptr_t InstructionOf(const void* context) {
#if defined(__x86_64__)
  return static_cast<uintptr_t>(static_cast<const ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return static_cast<const ucontext_t*>(context)->uc_mcontext.pc;
#else
  (void)context;
  return 0;
#endif
}

// What the signal would have done without us happens when the handler returns.
void HandOver(int signal, const siginfo_t* info) {
  sigaction(signal, &before[static_cast<size_t>(signal)], nullptr);
  // A fault happens again by itself; a signal that was sent must be sent again.
  const bool is_fault =
      info != nullptr && info->si_code > 0 && signal != SIGABRT && signal != SIGTERM && signal != SIGINT;
  if (!is_fault) syscall(SYS_tgkill, getpid(), ThreadId(), signal);
}

void Handle(int signal, siginfo_t* info, void* context) {
  const int errno_before = errno;
  const pid_t self = ThreadId();
  pid_t other = 0;
  if (!crashing_thread.compare_exchange_strong(other, self)) {
    // Another thread crashes already, and ends the process. Or this one crashed again, in here.
    for (int ms = 0; other != self && self != serving_thread.load() && ms < kWaitMs; ++ms) SleepMs(1);
    return HandOver(signal, info);
  }
  crash.signal = signal;
  crash.address = reinterpret_cast<uintptr_t>(info->si_addr);
  crash.thread_id = self;
  crash.in_sink = Core::InSink();
  crash.context = detail::current_frame;
  crash.at = InstructionOf(context);
  const bool is_ending = std::ranges::find(kEnding, signal) != kEnding.end();
  if (!is_ending) {
    syscall(SYS_prctl, 16 /* PR_GET_NAME */, crash.thread_name);
    crash.frames = backtrace(crash.stack.data(), kFramesMax);
  }
  if (self != serving_thread.load()) {
    sem_post(&wanted);
    for (int ms = 0; !told.load() && ms < kWaitMs; ++ms) SleepMs(1);
  }
  HandOver(signal, info);
  errno = errno_before;
}

std::string Demangled(const char* name) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(name, nullptr, nullptr, &status),
                                                    std::free);
  return status == 0 && text != nullptr ? text.get() : name;
}

std::string Describe(const void* address) {
  Dl_info info{};
  const auto at = reinterpret_cast<uintptr_t>(address);
  if (dladdr(address, &info) == 0 || info.dli_fname == nullptr) return fmt::format("{:#x}", at);
  std::string text =
      fmt::format("{}+{:#x}", info.dli_fname, at - reinterpret_cast<uintptr_t>(info.dli_fbase));
  if (info.dli_sname != nullptr) {
    text +=
        fmt::format(" {}+{:#x}", Demangled(info.dli_sname), at - reinterpret_cast<uintptr_t>(info.dli_saddr));
  }
  return text;
}

// From the instruction that crashed on, without our own handler.
std::vector<std::string> Stack() {
  const auto end = crash.stack.begin() + crash.frames;
  auto from = std::find(crash.stack.begin(), end, reinterpret_cast<void*>(crash.at));
  std::vector<std::string> stack;
  if (from == end) {
    from = crash.stack.begin();
    if (crash.at != 0) stack.push_back(Describe(reinterpret_cast<void*>(crash.at)));
  }
  for (; from != end; ++from) stack.push_back(Describe(*from));
  return stack;
}

void Tell() {
  if (std::ranges::find(kEnding, crash.signal) == kEnding.end()) {
    static const Logger log("taffrail.crash");
    detail::Frame* const own = detail::swap_frame(crash.context);  // it waits in its scopes
    log.critical("Fatal signal", {{"signal", std::string("SIG") + sigabbrev_np(crash.signal)},
                                  {"signal_number", crash.signal},
                                  {"address", fmt::format("{:#x}", crash.address)},
                                  {"crashed_thread_id", crash.thread_id},
                                  {"crashed_thread", crash.thread_name},
                                  {"stack", Stack()}});
    detail::swap_frame(own);
  }
  // Whoever crashed inside a sink holds what a flush needs.
  if (!crash.in_sink) Core::Get().Flush(kFlushMs);
}

[[noreturn]] void Serve() {
  pthread_setname_np(pthread_self(), "taffrail-crash");
  serving_thread.store(ThreadId());
  while (true) {
    while (sem_wait(&wanted) != 0) {
    }
    Tell();
    told.store(true);
  }
}

std::terminate_handler terminate_before = nullptr;

[[noreturn]] void Terminate() {
  try {
    if (const std::exception_ptr current = std::current_exception()) std::rethrow_exception(current);
  } catch (const std::exception& e) {
    Logger("taffrail.crash").critical("Uncaught exception", error(e));
  } catch (...) {
    Logger("taffrail.crash").critical("Uncaught exception of a type of its own");
  }
  if (terminate_before != nullptr) terminate_before();
  std::abort();
}

void Install(int signal) {
  struct sigaction action {};
  action.sa_sigaction = Handle;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, &before[static_cast<size_t>(signal)]);
}

constinit thread_local void* own_stack = nullptr;

}  // namespace

void ServeFatalSignals() {
  sem_init(&wanted, 0, 0);
  crashing_thread.store(0);
  told.store(false);
  sigset_t all, mask;
  sigfillset(&all);
  for (const int signal : kFatal) sigdelset(&all, signal);  // its own crash must end the process
  pthread_sigmask(SIG_SETMASK, &all, &mask);
  std::thread(Serve).detach();
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);
}

void CatchFatalSignals() {
  if (catches.exchange(true)) return;
  void* frame = nullptr;
  backtrace(&frame, 1);  // loads the unwinder now, which allocates
  ServeFatalSignals();
  terminate_before = std::set_terminate(Terminate);
  GiveSignalStack();
  for (const int signal : kFatal) Install(signal);
  for (const int signal : kEnding) {
    struct sigaction present {};
    if (sigaction(signal, nullptr, &present) == 0 && present.sa_handler == SIG_DFL) Install(signal);
  }
}

void GiveSignalStack() {
  if (!catches.load(std::memory_order_relaxed)) return;
  stack_t present{};
  if (sigaltstack(nullptr, &present) != 0 || (present.ss_flags & SS_DISABLE) == 0) return;
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* const memory = mmap(nullptr, kStackBytes + page, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return;
  mprotect(memory, page, PROT_NONE);  // stacks grow down: an overflow of this one is a crash, not a secret
  const stack_t stack{.ss_sp = static_cast<char*>(memory) + page, .ss_flags = 0, .ss_size = kStackBytes};
  if (sigaltstack(&stack, nullptr) == 0) {
    own_stack = memory;
  } else {
    munmap(memory, kStackBytes + page);
  }
}

void TakeSignalStack() {
  if (own_stack == nullptr) return;
  const stack_t none{.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
  sigaltstack(&none, nullptr);
  munmap(own_stack, kStackBytes + static_cast<size_t>(sysconf(_SC_PAGESIZE)));
  own_stack = nullptr;
}

}  // namespace taffrail::log
