#include "log/fork.h"
#include <atomic>

#include <pthread.h>

#include "context/frame.h"
#include "log/call_sites.h"
#include "log/core.h"
#include "log/fatal_signal.h"
#include "log/keeping.h"
#include "log/queue_dir.h"

namespace taffrail::log {
namespace {

// A sink that forks holds Core's lock itself.
constinit thread_local bool forks_in_sink = false;

}  // namespace

void WatchForks() {
  pthread_atfork([] { Core::Get().BeforeFork(); }, [] { Core::Get().AfterForkInParent(); },
                 [] { Core::Get().AfterForkInChild(); });
}

// In the order in which they are locked elsewhere.
void Core::BeforeFork() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  forks_in_sink = InSink();
  if (!forks_in_sink) mutex_.Lock();
  signal_mutex_.Lock();
  registry_.mutex().Lock();
  LockSites();
  queues_.mutex().Lock();
  context::LockFrames();
  if (QueueDir* const own = QueueDir::Own()) own->LockAll();
}

void Core::AfterForkInParent() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (QueueDir* const own = QueueDir::Own()) own->UnlockAll(false);
  context::UnlockFrames(false);
  queues_.mutex().Unlock();
  UnlockSites(false);
  registry_.mutex().Unlock();
  signal_mutex_.Unlock();
  if (!forks_in_sink) mutex_.Unlock();
}

void Core::AfterForkInChild() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  QueueDir* const own = QueueDir::Own();
  if (own != nullptr) own->UnlockAll(true);
  context::UnlockFrames(true);
  RenewMutex(queues_.mutex());
  UnlockSites(true);
  RenewMutex(registry_.mutex());
  RenewMutex(signal_mutex_);
  new (&signal_) absl::CondVar;
  if (!forks_in_sink) RenewMutex(mutex_);

  detail::thread_queue = nullptr;
  queues_.LeaveToParent();
  if (own != nullptr) {
    outputs_->SetJournal(nullptr);
    context::ForgetFrameKeeper(own->LeaveToParent());
  }
  heap_bytes_.store(0, std::memory_order_relaxed);
  sleeper_.Renew();
  started_ = false;
  rounds_done_ = rounds_wanted_;
  is_new_child_.store(true, std::memory_order_release);
}

void Core::BeginInChild() {
  if (!is_new_child_.exchange(false, std::memory_order_acq_rel)) return;
  bool fatal_signals = false;
  {
    absl::MutexLock lock(&mutex_);
    fatal_signals = config_.fatal_signals;
    auto outputs = std::make_shared<Outputs>(config_);  // with the child's process id
    if (async()) KeepQueue(config_, *outputs, drain_.ReadClock());
    outputs_.swap(outputs);
  }
  if (fatal_signals) ServeFatalSignals();
  if (async()) StartBackend();
}

}  // namespace taffrail::log
