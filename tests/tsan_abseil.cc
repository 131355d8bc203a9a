// Makes Debian's Abseil visible to ThreadSanitizer.
//
// The packaged library is not instrumented, so TSan does not see that an absl::Mutex orders anything and
// reports every field that one guards. These definitions stand before the library's own in the program's
// symbol order; each calls the original and tells TSan what it means: unlocking releases, locking acquires.
// Conditions are evaluated inside the library, sometimes by the thread that unlocks on behalf of the one that
// waits; what they read is under the lock, but between our two annotations, and is therefore ignored.
//
// Linked into test programs of the `tsan` preset only.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

#include "absl/synchronization/mutex.h"

extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
}

namespace {

#define TAFFRAIL_STRING(x) #x
#define TAFFRAIL_EXPANDED(x) TAFFRAIL_STRING(x)
// Abseil's inline namespace, which distributions choose for themselves; it is part of every mangled name.
constexpr char kNamespace[] = TAFFRAIL_EXPANDED(ABSL_OPTION_INLINE_NAMESPACE_NAME);

template <typename Function>
Function Original(const char* suffix) {
  char name[128];
  snprintf(name, sizeof(name), "_ZN4absl%zu%s%s", sizeof(kNamespace) - 1, kNamespace, suffix);
  void* found = dlsym(RTLD_NEXT, name);
  if (found == nullptr) {
    fprintf(stderr, "tsan_abseil: Abseil has no %s\n", name);
    abort();
  }
  return reinterpret_cast<Function>(found);
}

class IgnoreReads {
 public:
  IgnoreReads() { AnnotateIgnoreReadsBegin(__FILE__, __LINE__); }
  ~IgnoreReads() { AnnotateIgnoreReadsEnd(__FILE__, __LINE__); }
};

// Calls the original member function of object.
template <typename Result, typename Object, typename... Args>
Result Call(Result (*original)(Object*, Args...), Object* object, Args... args) {
  const IgnoreReads ignore;
  return original(object, args...);
}

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

#define TAFFRAIL_ORIGINAL(suffix, result, ...) \
  static const auto original = Original<result (*)(__VA_ARGS__)>(suffix)

void Mutex::Lock() {
  TAFFRAIL_ORIGINAL("5Mutex4LockEv", void, Mutex*);
  Call(original, this);
  __tsan_acquire(this);
}
void Mutex::Unlock() {
  TAFFRAIL_ORIGINAL("5Mutex6UnlockEv", void, Mutex*);
  __tsan_release(this);
  Call(original, this);
}
bool Mutex::TryLock() {
  TAFFRAIL_ORIGINAL("5Mutex7TryLockEv", bool, Mutex*);
  const bool locked = Call(original, this);
  if (locked) __tsan_acquire(this);
  return locked;
}
void Mutex::ReaderLock() {
  TAFFRAIL_ORIGINAL("5Mutex10ReaderLockEv", void, Mutex*);
  Call(original, this);
  __tsan_acquire(this);
}
void Mutex::ReaderUnlock() {
  TAFFRAIL_ORIGINAL("5Mutex12ReaderUnlockEv", void, Mutex*);
  __tsan_release(this);
  Call(original, this);
}
void Mutex::LockWhen(const Condition& condition) {
  TAFFRAIL_ORIGINAL("5Mutex8LockWhenERKNS0_9ConditionE", void, Mutex*, const Condition*);
  Call(original, this, &condition);
  __tsan_acquire(this);
}
void Mutex::Await(const Condition& condition) {
  TAFFRAIL_ORIGINAL("5Mutex5AwaitERKNS0_9ConditionE", void, Mutex*, const Condition*);
  __tsan_release(this);
  Call(original, this, &condition);
  __tsan_acquire(this);
}
bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  TAFFRAIL_ORIGINAL("5Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE", bool, Mutex*,
                    const Condition*, Duration);
  __tsan_release(this);
  const bool held = Call(original, this, &condition, timeout);
  __tsan_acquire(this);
  return held;
}
bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  TAFFRAIL_ORIGINAL("5Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE", bool, Mutex*, const Condition*,
                    Time);
  __tsan_release(this);
  const bool held = Call(original, this, &condition, deadline);
  __tsan_acquire(this);
  return held;
}
void CondVar::Wait(Mutex* mutex) {
  TAFFRAIL_ORIGINAL("7CondVar4WaitEPNS0_5MutexE", void, CondVar*, Mutex*);
  __tsan_release(mutex);
  Call(original, this, mutex);
  __tsan_acquire(mutex);
}
bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  TAFFRAIL_ORIGINAL("7CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE", bool, CondVar*, Mutex*, Duration);
  __tsan_release(mutex);
  const bool expired = Call(original, this, mutex, timeout);
  __tsan_acquire(mutex);
  return expired;
}
bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  TAFFRAIL_ORIGINAL("7CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE", bool, CondVar*, Mutex*, Time);
  __tsan_release(mutex);
  const bool expired = Call(original, this, mutex, deadline);
  __tsan_acquire(mutex);
  return expired;
}

ABSL_NAMESPACE_END
}  // namespace absl
