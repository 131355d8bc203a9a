#include "log/producer.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "log/core.h"
#include "log/fatal_signal.h"
#include "log/queue_dir.h"
#include "log/record_reader.h"
#include "taffrail/context.h"
#include "taffrail/log.h"

namespace taffrail::detail {

constinit thread_local ThreadQueue* thread_queue = nullptr;

}  // namespace taffrail::detail

namespace taffrail::log {
namespace {

using detail::RecordHead;
using detail::RecordKind;
using detail::Room;
using detail::ThreadQueue;

// Set when the thread's thread_local objects are being destroyed: it gets no queue any more.
constinit thread_local bool thread_ends = false;
constinit thread_local std::string* spare_scratch = nullptr;

struct ThreadEnd {
  ~ThreadEnd() {
    thread_ends = true;
    TakeSignalStack();
    delete std::exchange(spare_scratch, nullptr);
    if (detail::thread_queue == nullptr) return;
    detail::thread_queue->abandoned.store_release(true);
    detail::thread_queue = nullptr;
  }
};
void WatchThreadEnd() { static thread_local ThreadEnd end; }

// A thread that waits for room sleeps about as long as the backend needs for a small queue; when that was not
// enough many times over, it is a sink that everybody waits for, and it looks less often.
constexpr auto kFirstWait = std::chrono::microseconds(150);
constexpr auto kLongestWait = std::chrono::milliseconds(1);
constexpr int kFirstWaits = 50;
// How many times a thread asks for room on its way once around its ring.
constexpr uint64_t kGrants = 16;
constexpr int kDropOldestTries = 1'000;

ThreadQueue* OwnQueue(Core& core) {
  if (detail::thread_queue == nullptr && !thread_ends) {
    WatchThreadEnd();
    core.BeginInChild();
    GiveSignalStack();
    detail::thread_queue = core.queues().Create(core.queue_bytes());
  }
  return detail::thread_queue;
}

// A thread that logs little goes back to the front of its ring whenever the backend has read everything, and
// so touches, and keeps in memory, a part of it alone.
void BeginAnewIfEmpty(ThreadQueue& queue) {
  const uint64_t tail = queue.tail.load_relaxed();
  const uint64_t place = tail & (queue.capacity - 1);
  if (place < queue.capacity / kGrants || queue.head.load_acquire() != tail) return;
  if (queue.reading.exchange_acquire(true)) return;  // the backend is about to look
  const uint64_t to_end = queue.capacity - place;
  const RecordHead skip{.size = static_cast<uint32_t>(to_end), .kind = RecordKind::kSkip};
  std::memcpy(queue.data + place, &skip, offsetof(RecordHead, level));
  queue.tail.store_release(tail + to_end);
  queue.head.store_release(tail + to_end);
  queue.reading.store_release(false);
}

// Finds room for `size` bytes in one piece, without waiting. Sets how far the inline path may go without
// asking again.
bool FindRoom(ThreadQueue& queue, uint32_t size, Core& core) {
  BeginAnewIfEmpty(queue);
  const uint64_t tail = queue.tail.load_relaxed();
  const uint64_t used = tail - queue.head.load_acquire();
  if (used >= queue.capacity / 4 * 3)
    core.Wake();  // a system call, which a burst of a thousand lines is spared
  const uint64_t place = tail & (queue.capacity - 1);
  uint64_t to_end = queue.capacity - place;
  uint64_t free = queue.capacity - used;
  queue.at = queue.end = queue.data + place;
  if (size > to_end) {  // the rest of the ring stays empty
    if (free < to_end + size) return false;
    const RecordHead skip{.size = static_cast<uint32_t>(to_end), .kind = RecordKind::kSkip};
    std::memcpy(queue.at, &skip, offsetof(RecordHead, level));
    queue.tail.store_release(tail + to_end);
    queue.at = queue.data;
    free -= to_end;
    to_end = queue.capacity;
  }
  if (free < size) return false;
  // A part at a time, so that a queue that fills up, or is empty, is noticed.
  queue.end = queue.at + std::min({free, to_end, std::max<uint64_t>(size, queue.capacity / kGrants)});
  return true;
}

// Waits until `condition`; false when the mode has changed meanwhile, or the policy is not to wait.
template <typename Condition>
bool WaitFor(Core& core, QueuePolicy policy, Condition condition) {
  if (condition()) return true;
  if (policy == QueuePolicy::kDropNewest || policy == QueuePolicy::kDropOldest) return false;
  core.CountBlocked();
  for (int waits = 0; core.async(); ++waits) {
    core.Wake();
    std::this_thread::sleep_for(waits < kFirstWaits ? kFirstWait : kLongestWait);
    if (condition()) return true;
  }
  return false;
}

// kDropOldest: takes records from the queue's front until there is room, unless the backend is at it, which
// then makes room itself. What is no line but must still be seen to goes the way of loose records.
bool DropOldest(ThreadQueue& queue, uint32_t size, Core& core) {
  if (queue.reading.exchange_acquire(true)) return false;
  uint64_t head = queue.head.load_relaxed();
  const uint64_t tail = queue.tail.load_relaxed();
  // Twice the size, as the ring's end may have to stay empty; a quarter of the ring, so as not to come here
  // with every line.
  const uint64_t wanted = std::max<uint64_t>(2 * size, queue.capacity / 4);
  while (head != tail && queue.capacity - (tail - head) < wanted) {
    const char* record = queue.data + (head & (queue.capacity - 1));
    RecordHead dropped;
    std::memcpy(static_cast<void*>(&dropped), record, offsetof(RecordHead, level));
    if (dropped.kind != RecordKind::kSkip) {
      dropped = HeadOf(record);
      core.Discard(dropped);
    }
    head += dropped.size;
  }
  queue.head.store_release(head);
  queue.reading.store_release(false);
  return true;
}

// kGrow: the thread goes on in a queue of twice the size, as long as all queues together stay within bounds.
// The backend reads the old one first, because its records are older. A queue that has grown and is empty
// gives way to a small one.
bool MoveOn(uint64_t capacity, Core& core) {
  ThreadQueue* next = core.queues().Create(capacity);
  if (next == nullptr) return false;
  detail::thread_queue->abandoned.store_release(true);
  detail::thread_queue = next;
  return true;
}

bool Grow(uint32_t size, Core& core) {
  const uint64_t capacity = 2 * detail::thread_queue->capacity;
  return core.queues().MayGrow(capacity, core.queue_bytes_max()) && MoveOn(capacity, core) &&
         FindRoom(*detail::thread_queue, size, core);
}

void Shrink(const ThreadQueue& queue, Core& core) {
  const bool empty = queue.head.load_acquire() == queue.tail.load_relaxed();
  if (empty && queue.capacity > std::bit_ceil(core.queue_bytes())) MoveOn(core.queue_bytes(), core);
}

// Room in the thread's queue by the policy, without waiting.
bool FindRoomByPolicy(uint32_t size, Core& core) {
  if (core.policy() == QueuePolicy::kGrow) Shrink(*detail::thread_queue, core);
  ThreadQueue& queue = *detail::thread_queue;
  if (FindRoom(queue, size, core)) return true;
  switch (core.policy()) {
    case QueuePolicy::kDropOldest:
      // The backend is at a queue for as long as it renders one piece, some tens of microseconds.
      for (int tries = 0; tries < kDropOldestTries && !DropOldest(queue, size, core); ++tries) {
        std::this_thread::yield();
      }
      return FindRoom(queue, size, core);
    case QueuePolicy::kGrow:
      return Grow(size, core);
    case QueuePolicy::kBlock:
    case QueuePolicy::kDropNewest:
      return false;
  }
  return false;
}

Room LooseRoom(uint32_t size) { return {static_cast<char*>(std::malloc(size)), nullptr}; }

bool UsesQueue(Core& core) { return core.async() && !Core::InSink() && OwnQueue(core) != nullptr; }

// Room in the ring for a head that stands for something else: a released frame, a large record.
Room RingRoom(Core& core, QueuePolicy policy) {
  constexpr auto kSize = static_cast<uint32_t>(sizeof(RecordHead));
  if (!WaitFor(core, policy, [&] { return FindRoomByPolicy(kSize, core); })) return {nullptr, nullptr};
  return {detail::thread_queue->at, detail::thread_queue};
}

void CommitLarge(Core& core, LooseRecord record) {
  RecordHead head = HeadOf(record.get());
  const size_t size = head.size;
  if (WaitFor(core, core.policy(), [&] { return core.TakeHeap(size); })) {
    const Room room = RingRoom(core, core.policy());
    if (room.data != nullptr) {
      head.kind = RecordKind::kHeap;
      head.size = sizeof(RecordHead);
      QueueDir* const own = QueueDir::Own();
      char* const kept = own == nullptr ? nullptr : own->KeepLarge({record.get(), size});
      head.large = kept == nullptr ? record.release() : kept;
      std::memcpy(room.data, &head, sizeof(head));
      return detail::commit(room, head.size);
    }
    core.GiveHeapBack(size);
  }
  if (core.async()) return core.CountDropped();
  core.WriteNow(record.get());  // shut down while it waited
}

void AddLoose(Core& core, LooseRecord record) {
  const RecordFrames frames = FramesOf(record.get());
  detail::retain_frame(frames.context);  // the scope, or the bound logger, may end before the line is written
  detail::retain_frame(frames.bound);
  if (core.queues().AddLoose(std::move(record))) return;
  detail::release_frame(frames.context);
  detail::release_frame(frames.bound);
  core.CountDropped();
}

RecordHead ReleaseHead(detail::Frame* frame) {
  return {.size = sizeof(RecordHead),
          .kind = RecordKind::kReleaseFrame,
          .ticks = detail::now_ticks(),
          .frame = frame};
}

}  // namespace

void ForgetRoom() {
  if (detail::thread_queue != nullptr) detail::thread_queue->end = detail::thread_queue->at;
}

void FetchQueueBack() {
#if defined(__x86_64__)
  constexpr int kLineBytes = 64;
  const ThreadQueue* const queue = detail::thread_queue;
  if (queue == nullptr) return;
  asm volatile("prefetchw %0" ::"m"(queue->tail));
  for (int i = 0; i <= detail::kFetchAheadBytes; i += kLineBytes) {  // an address behind the end does no harm
    asm volatile("prefetchw %0" ::"m"(queue->at[i]));
  }
#endif
}

void ReclaimFrame(detail::Frame* frame) noexcept {
  Core& core = Core::Get();
  if (detail::thread_queue != nullptr && !Core::InSink()) {
    const RecordHead head = ReleaseHead(frame);
    const Room room = RingRoom(core, core.policy());
    if (room.data != nullptr) {
      std::memcpy(room.data, &head, sizeof(head));
      return detail::commit(room, head.size);
    }
  }
  // No line of this thread is queued, or there is no room. A line of another thread may be, when a
  // coroutine's scope ends here: in the asynchronous mode, and as long as anything of it is left, the backend
  // gives the frame back.
  if (core.async() || core.queues().count() != 0) return core.queues().AddRelease(ReleaseHead(frame));
  detail::release_frame(frame);
}

}  // namespace taffrail::log

namespace taffrail::detail {

using log::Core;

LoggerNode& find_logger(std::string_view name) noexcept { return Core::Get().registry().Find(name); }

Room reserve_slow(uint32_t size) noexcept {
  Core& core = Core::Get();
  if (!log::UsesQueue(core) || size > thread_queue->capacity / 4) return log::LooseRoom(size);
  if (log::WaitFor(core, core.policy(), [&] { return log::FindRoomByPolicy(size, core); })) {
    return {thread_queue->at, thread_queue};
  }
  if (!core.async()) return log::LooseRoom(size);  // shut down while it waited
  core.CountDropped();
  return {nullptr, nullptr};
}

void commit_slow(Room room) noexcept {
  Core& core = Core::Get();
  log::LooseRecord record(room.data);
  if (Core::InSink()) return log::AddLoose(core, std::move(record));
  if (!core.async()) return core.WriteNow(record.get());
  if (thread_queue == nullptr) return log::AddLoose(core, std::move(record));
  log::CommitLarge(core, std::move(record));
}

Scratch::Scratch() noexcept
    : bytes_(*(log::spare_scratch != nullptr ? std::exchange(log::spare_scratch, nullptr) : new std::string)),
      writer_(bytes_) {}

Scratch::~Scratch() {
  constexpr size_t kKeptBytes = size_t{64}
                                << 10;  // a thread that once logged a large line does not hold its memory
  if (log::spare_scratch != nullptr || log::thread_ends || bytes_.capacity() > kKeptBytes) {
    delete &bytes_;
    return;
  }
  log::WatchThreadEnd();
  bytes_.clear();
  log::spare_scratch = &bytes_;
}

void Scratch::submit(Prefix prefix, const CallSite* site, const Event& event) noexcept {
  const auto fields_size = static_cast<uint32_t>(bytes_.size());
  prefix.flags |= RecordHead::kFieldsEncoded;
  if (writer_.clipped()) prefix.flags |= RecordHead::kFieldsClipped;
  const uint32_t size = pad_record(prefix_size(prefix, event) + sizeof(fields_size) + fields_size);
  const Room room = reserve(size);
  if (room.data == nullptr) return;
  char* to = put_prefix(room.data, size, prefix, site, event);
  std::memcpy(to, &fields_size, sizeof(fields_size));
  if (fields_size != 0) std::memcpy(to + sizeof(fields_size), bytes_.data(), fields_size);
  commit(room, size);
}

void write_list(Prefix prefix, const CallSite* site, const Event& event, std::initializer_list<Field> fields,
                const ErrorField* error) noexcept {
  if (site == nullptr) {
    site = &find_site(place_of(event.where()));
    prefix.copy_message = true;
  }
  try {
    Scratch scratch;
    for (const Field& field : fields) scratch.add(field);
    if (error != nullptr) scratch.add(*error);
    scratch.submit(prefix, site, event);
  } catch (...) {
    submit_without_fields(prefix, site, event);
  }
}

void submit_without_fields(Prefix prefix, const CallSite* site, const Event& event) noexcept {
  constexpr uint32_t kNoFields = 0;
  prefix.flags |= RecordHead::kFieldsEncoded | RecordHead::kFieldsClipped;
  const uint32_t size = pad_record(prefix_size(prefix, event) + sizeof(kNoFields));
  const Room room = reserve(size);
  if (room.data == nullptr) return;
  char* to = put_prefix(room.data, size, prefix, site, event);
  std::memcpy(to, &kNoFields, sizeof(kNoFields));
  commit(room, size);
}

}  // namespace taffrail::detail
