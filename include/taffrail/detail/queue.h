// The way from a logging thread to the backend: one ring of bytes per thread, written by that thread alone
// and read by the backend alone. The thread copies its values in and moves `tail`; no lock, no system call,
// no cache line shared with another logging thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "taffrail/detail/atomic.h"
#include "taffrail/detail/encoding.h"

namespace taffrail::detail {

struct ThreadQueue {
  // The thread's own line: written with every record, so that the backend must not need it.
  char* at = nullptr;   // where the next record goes
  char* end = nullptr;  // it may go up to here without asking the backend how far it has read

  // Both read it, neither writes it any more.
  alignas(64) char* data = nullptr;
  uint64_t capacity = 0;  // a power of two; the place in the ring is modulo capacity
  uint32_t thread_id = 0;
  uint32_t file_number = 0;   // of its file in Config::queue_dir; 0: in memory alone
  char thread_name[16] = {};  // as it was when the queue was made, zero-ended

  // Both only grow.
  alignas(64) Atomic<uint64_t> tail{0};  // the thread: everything before is complete
  alignas(64) Atomic<uint64_t> head{0};  // the backend: everything before may be overwritten
  Atomic<bool> abandoned{false};         // the thread ended, or went on in a larger queue
  Atomic<bool> reading{false};           // the backend is between head and tail (QueuePolicy::kDropOldest)
};

// Null until the thread's first line, and again in the destructors of its own thread_local objects.
extern constinit thread_local ThreadQueue* thread_queue;
// The innermost scope of this thread (context.h).
extern constinit thread_local Frame* current_frame;
// Whether the time-stamp counter runs evenly and alike on all cores; else the system clock is read.
extern Atomic<bool> use_tsc;
uint64_t system_ticks() noexcept;

inline uint64_t now_ticks() noexcept {
#if defined(__x86_64__)
  if (use_tsc.load_relaxed()) [[likely]]
    return __builtin_ia32_rdtsc();
#endif
  return system_ticks();
}

// The backend has read what is ahead in the ring, so its lines of cache are not this core's alone: a store
// would wait until they are. Asked for early enough, nothing waits. It costs two instructions; an address
// behind the ring's end does no harm.
inline constexpr int kFetchAheadBytes = 1024;  // some ten records
inline void fetch_for_writing([[maybe_unused]] const char* at) noexcept {
#if defined(__x86_64__)
  asm volatile("prefetchw %0\n\tprefetchw %1" ::"m"(at[kFetchAheadBytes]), "m"(at[kFetchAheadBytes + 64]));
#endif
}

// Room for one record. `queue` null: the room is a buffer outside the ring and goes in by commit_slow.
struct Room {
  char* data;  // null: the line was dropped, and counted
  ThreadQueue* queue;
};

// The first line of a thread, the ring's end, a full ring, a large record, synchronous mode.
Room reserve_slow(uint32_t size) noexcept;
void commit_slow(Room room) noexcept;

inline Room reserve(uint32_t size) noexcept {
  ThreadQueue* queue = thread_queue;
  if (queue != nullptr) [[likely]] {
    char* const at = queue->at;
    if (static_cast<size_t>(queue->end - at) >= size) [[likely]]
      return {at, queue};
  }
  return reserve_slow(size);
}

// `size` as reserved.
inline void commit(Room room, uint32_t size) noexcept {
  if (room.queue == nullptr) [[unlikely]]
    return commit_slow(room);
  room.queue->at = room.data + size;
  fetch_for_writing(room.data);
  room.queue->tail.store_release(room.queue->tail.load_relaxed() + size);
}

}  // namespace taffrail::detail
