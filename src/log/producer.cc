#include "log/producer.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "log/core.h"
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
    delete std::exchange(spare_scratch, nullptr);
    if (detail::thread_queue == nullptr) return;
    detail::thread_queue->abandoned.store(true, std::memory_order_release);
    detail::thread_queue = nullptr;
  }
};
void WatchThreadEnd() { static thread_local ThreadEnd end; }

// A thread that waits for room looks again after 20 µs, then less and less often.
constexpr auto kFirstWait = std::chrono::microseconds(20);
constexpr auto kLongestWait = std::chrono::milliseconds(1);

ThreadQueue* OwnQueue(Core& core) {
  if (detail::thread_queue == nullptr && !thread_ends) {
    WatchThreadEnd();
    detail::thread_queue = core.queues().Create(core.queue_bytes());
  }
  return detail::thread_queue;
}

// Finds room for `size` bytes in one piece, without waiting. Sets how far the inline path may go without
// asking again.
bool FindRoom(ThreadQueue& queue, uint32_t size, Core& core) {
  const uint64_t tail = queue.tail.load(std::memory_order_relaxed);
  const uint64_t used = tail - queue.head.load(std::memory_order_acquire);
  if (used > queue.capacity / 2) core.Wake();
  const uint64_t place = tail & (queue.capacity - 1);
  uint64_t to_end = queue.capacity - place;
  uint64_t free = queue.capacity - used;
  queue.at = queue.end = queue.data + place;
  if (size > to_end) {  // the rest of the ring stays empty
    if (free < to_end + size) return false;
    const RecordHead skip{.size = static_cast<uint32_t>(to_end), .kind = RecordKind::kSkip};
    std::memcpy(queue.at, &skip, offsetof(RecordHead, level));
    queue.tail.store(tail + to_end, std::memory_order_release);
    queue.at = queue.data;
    free -= to_end;
    to_end = queue.capacity;
  }
  if (free < size) return false;
  // A quarter at a time, so that a queue that fills up is noticed while there is room.
  queue.end = queue.at + std::min({free, to_end, std::max<uint64_t>(size, queue.capacity / 4)});
  return true;
}

// Waits until `condition`; false when the mode has changed meanwhile, or the policy is not to wait.
template <typename Condition>
bool WaitFor(Core& core, QueuePolicy policy, Condition condition) {
  if (condition()) return true;
  if (policy == QueuePolicy::kDropNewest) return false;
  core.CountBlocked();
  for (std::chrono::microseconds wait = kFirstWait; core.async();
       wait = std::min<decltype(wait)>(2 * wait, kLongestWait)) {
    core.Wake();
    std::this_thread::sleep_for(wait);
    if (condition()) return true;
  }
  return false;
}

Room LooseRoom(uint32_t size) { return {static_cast<char*>(std::malloc(size)), nullptr}; }

bool UsesQueue(Core& core) { return core.async() && !Core::InSink() && OwnQueue(core) != nullptr; }

// Room in the ring for a head that stands for something else: a released frame, a large record.
Room RingRoom(Core& core, QueuePolicy policy) {
  ThreadQueue& queue = *detail::thread_queue;
  constexpr auto kSize = static_cast<uint32_t>(sizeof(RecordHead));
  if (!WaitFor(core, policy, [&] { return FindRoom(queue, kSize, core); })) return {nullptr, nullptr};
  return {queue.at, &queue};
}

void CommitLarge(Core& core, LooseRecord record) {
  RecordHead head = HeadOf(record.get());
  const size_t size = head.size;
  if (WaitFor(core, core.policy(), [&] { return core.TakeHeap(size); })) {
    const Room room = RingRoom(core, core.policy());
    if (room.data != nullptr) {
      head.kind = RecordKind::kHeap;
      head.size = sizeof(RecordHead);
      head.large = record.release();
      std::memcpy(room.data, &head, sizeof(head));
      return detail::commit(room, head.size);
    }
    core.GiveHeapBack(size);
  }
  if (core.async()) return core.CountDropped();
  core.WriteNow(record.get());  // shut down while it waited
}

void AddLoose(Core& core, LooseRecord record) {
  detail::Frame* frame = HeadOf(record.get()).frame;
  detail::retain_frame(frame);  // the scope may end before the line is written
  if (core.queues().AddLoose(std::move(record))) return;
  detail::release_frame(frame);
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

void ReclaimFrame(detail::Frame* frame) noexcept {
  Core& core = Core::Get();
  if (detail::thread_queue != nullptr && !Core::InSink()) {
    const RecordHead head = ReleaseHead(frame);
    const Room room = RingRoom(core, QueuePolicy::kBlock);
    if (room.data != nullptr) {
      std::memcpy(room.data, &head, sizeof(head));
      return detail::commit(room, head.size);
    }
  }
  // No line of this thread is queued. One of another thread may be, when a coroutine's scope ends here: in
  // the asynchronous mode the backend gives the frame back.
  if (core.async()) {
    LooseRecord record(static_cast<char*>(std::malloc(sizeof(RecordHead))));
    if (record == nullptr) return;
    const RecordHead head = ReleaseHead(frame);
    std::memcpy(record.get(), &head, sizeof(head));
    if (core.queues().AddLoose(std::move(record))) return;
    return;  // too many are waiting: the frame is lost rather than freed too early
  }
  detail::release_frame(frame);
}

}  // namespace taffrail::log

namespace taffrail::detail {

using log::Core;

LoggerNode& find_logger(std::string_view name) noexcept { return Core::Get().registry().Find(name); }

Room reserve_slow(uint32_t size) noexcept {
  Core& core = Core::Get();
  if (!log::UsesQueue(core) || size > thread_queue->capacity / 4) return log::LooseRoom(size);
  ThreadQueue& queue = *thread_queue;
  if (log::WaitFor(core, core.policy(), [&] { return log::FindRoom(queue, size, core); })) {
    return {queue.at, &queue};
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
    site = &find_site(event.where());
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
