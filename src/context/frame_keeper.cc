#include "context/frame_keeper.h"

#include <new>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace taffrail::context {
namespace {

// What becomes of new frames: remembered until somebody says whether there is a keeper; then kept, or not.
enum class Mode : uint8_t { kRemember, kKeep, kLeave };

struct Frames {
  absl::Mutex mutex;
  std::atomic<Mode> mode{Mode::kRemember};
  std::atomic<const FrameKeeper*> keeper{nullptr};
  std::set<Frame*> remembered ABSL_GUARDED_BY(mutex);

  static Frames& Get() {
    static Frames* const frames = new Frames;  // static destructors may end scopes
    return *frames;
  }
};

// Stands in Frame::kept of those remembered.
char remembered_mark;

}  // namespace

void KeepFrame(Frame& frame) {
  Frames& frames = Frames::Get();
  if (frames.mode.load(std::memory_order_acquire) == Mode::kRemember) {
    absl::MutexLock lock(&frames.mutex);
    if (frames.mode.load(std::memory_order_relaxed) == Mode::kRemember) {
      frames.remembered.insert(&frame);
      frame.kept = &remembered_mark;
      return;
    }
  }
  if (frames.mode.load(std::memory_order_acquire) == Mode::kKeep)
    frame.kept = frames.keeper.load(std::memory_order_relaxed)->keep(frame);
}

void DropFrame(Frame& frame) {
  if (frame.kept.load(std::memory_order_relaxed) == nullptr) return;
  Frames& frames = Frames::Get();
  if (frame.kept.load(std::memory_order_acquire) == &remembered_mark) {
    absl::MutexLock lock(&frames.mutex);
    if (frames.remembered.erase(&frame) != 0) return;
  }
  // Again: a keeper may have come, or may have been declined.
  char* const kept = frame.kept.load(std::memory_order_acquire);
  if (kept != nullptr) frames.keeper.load(std::memory_order_relaxed)->drop(kept);
}

void SetFrameKeeper(const FrameKeeper* keeper) {  // null after a keeper: that one keeps its frames
  Frames& frames = Frames::Get();
  absl::MutexLock lock(&frames.mutex);
  if (keeper == nullptr && frames.mode.load(std::memory_order_relaxed) == Mode::kKeep) return;
  frames.keeper.store(keeper, std::memory_order_relaxed);
  for (Frame* frame : frames.remembered) frame->kept = keeper == nullptr ? nullptr : keeper->keep(*frame);
  frames.remembered.clear();
  frames.mode.store(keeper == nullptr ? Mode::kLeave : Mode::kKeep, std::memory_order_release);
}

void ForgetFrameKeeper(std::span<const uint64_t> addresses) {
  Frames& frames = Frames::Get();
  absl::MutexLock lock(&frames.mutex);
  for (const uint64_t address : addresses) {
    auto* const frame = reinterpret_cast<Frame*>(address);
    frame->kept = &remembered_mark;
    frames.remembered.insert(frame);
  }
  frames.mode.store(Mode::kRemember, std::memory_order_release);
}

void LockFrames() ABSL_NO_THREAD_SAFETY_ANALYSIS { Frames::Get().mutex.Lock(); }
void UnlockFrames(bool in_child) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  absl::Mutex& mutex = Frames::Get().mutex;
  mutex.Unlock();
  if (in_child) new (&mutex) absl::Mutex;  // threads that wait for it are not there
}

}  // namespace taffrail::context
