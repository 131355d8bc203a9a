#include "log/queues.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

#include "log/queue_dir.h"
#include "log/record_reader.h"

namespace taffrail::log {

using detail::RecordHead;
using detail::RecordKind;
using detail::ThreadQueue;

namespace {

constexpr size_t kQueueBytesMin = size_t{64}
                                  << 10;  // a quarter of it, the largest record in a ring, is 16 KiB
constexpr size_t kQueueBytesMax = size_t{64} << 20;
// Moving `head` costs the thread a cache miss when it looks; not moving it may make the thread wait.
constexpr uint64_t kPublishBytes = 16 << 10;

// Under kDropOldest the thread itself may be at the front of its queue, for as long as it takes to walk over
// a few records.
ThreadQueue* Lock(ThreadQueue& queue) {
  while (queue.reading.exchange_acquire(true)) std::this_thread::yield();
  return &queue;
}

void Destroy(ThreadQueue* queue) {
  if (QueueDir::IsOurs(*queue)) return QueueDir::Own()->DestroyQueue(queue);
  std::free(queue->data);
  delete queue;
}

ThreadQueue* CreateInMemory(uint64_t capacity) {
  auto* queue = new ThreadQueue;
  queue->capacity = capacity;
  queue->data = static_cast<char*>(std::malloc(capacity));
  queue->at = queue->end = queue->data;
  queue->thread_id = static_cast<uint32_t>(gettid());
  pthread_getname_np(pthread_self(), queue->thread_name, sizeof(queue->thread_name));
  if (queue->data != nullptr) return queue;
  delete queue;
  return nullptr;
}

}  // namespace

void FreeRecord::operator()(char* record) const {
  QueueDir* const own = QueueDir::Own();
  if (own == nullptr || !own->GiveBackLarge(record)) std::free(record);
}

ThreadQueue* Queues::Create(size_t bytes) {
  const uint64_t capacity = std::bit_ceil(std::clamp(bytes, kQueueBytesMin, kQueueBytesMax));
  ThreadQueue* queue = nullptr;
  if (QueueDir* const own = QueueDir::Own()) queue = own->CreateQueue(capacity);
  if (queue == nullptr) queue = CreateInMemory(capacity);
  if (queue == nullptr) return nullptr;
  absl::MutexLock lock(&mutex_);
  queues_.push_back(queue);
  return queue;
}

std::vector<ThreadQueue*> Queues::All() const {
  absl::MutexLock lock(&mutex_);
  return queues_;
}

void Queues::Reap() {
  absl::MutexLock lock(&mutex_);
  std::erase_if(queues_, [](ThreadQueue* queue) {
    // `abandoned` is read first: after it nothing more is written.
    const bool done =
        queue->abandoned.load_acquire() && queue->head.load_relaxed() == queue->tail.load_acquire();
    if (done) Destroy(queue);
    return done;
  });
}

void Queues::LeaveToParent() {
  absl::MutexLock lock(&mutex_);
  queues_.clear();
  for (LooseRecord& record : loose_) record.release();
  loose_.clear();
  loose_bytes_ = 0;
}

bool Queues::AllRead() const {
  absl::MutexLock lock(&mutex_);
  return loose_.empty() && std::ranges::all_of(queues_, [](const ThreadQueue* queue) {
           return queue->head.load_relaxed() == queue->tail.load_acquire() &&
                  !queue->abandoned.load_acquire();
         });
}

uint64_t Queues::count() const {
  absl::MutexLock lock(&mutex_);
  return queues_.size();
}

bool Queues::MayGrow(uint64_t bytes, uint64_t bytes_max) const {
  if (bytes > kQueueBytesMax) return false;
  absl::MutexLock lock(&mutex_);
  uint64_t all = bytes;
  for (const ThreadQueue* queue : queues_) all += queue->capacity;
  return all <= bytes_max;
}

bool Queues::AddLoose(LooseRecord record) {
  const size_t size = HeadOf(record.get()).size;
  absl::MutexLock lock(&mutex_);
  if (loose_bytes_ + size > kLooseBytesMax) return false;
  loose_bytes_ += size;
  loose_.push_back(std::move(record));
  return true;
}

void Queues::AddRelease(const RecordHead& head) {
  LooseRecord record(static_cast<char*>(std::malloc(sizeof(head))));
  if (record == nullptr) return;
  std::memcpy(record.get(), &head, sizeof(head));
  AddLoose(std::move(record));
}

std::vector<LooseRecord> Queues::TakeLoose() {
  absl::MutexLock lock(&mutex_);
  loose_bytes_ = 0;
  return std::exchange(loose_, {});
}

QueueReader::QueueReader(ThreadQueue& queue, bool publishes_early)
    : queue_(Lock(queue)),
      at_(queue.head.load_relaxed()),
      end_(queue.tail.load_acquire()),
      published_(at_),
      publishes_early_(publishes_early),
      head_{} {
  Load();
}

QueueReader::QueueReader(QueueReader&& other) noexcept
    : queue_(other.queue_),
      at_(other.at_),
      end_(other.end_),
      published_(other.published_),
      publishes_early_(other.publishes_early_),
      head_(other.head_) {
  other.queue_ = nullptr;
}

QueueReader::~QueueReader() {
  if (queue_ == nullptr) return;
  Publish();
  queue_->reading.store_release(false);
}

void QueueReader::Next() {
  at_ += head_.size;
  if (publishes_early_ && at_ - published_ >= kPublishBytes) Publish();
  Load();
}

void QueueReader::Load() {
  while (at_ != end_) {
    // A skip may be as short as 8 bytes, so that only size and kind are there for certain.
    std::memcpy(static_cast<void*>(&head_), record(), offsetof(RecordHead, level));
    if (head_.kind != RecordKind::kSkip) {
      head_ = HeadOf(record());
      return;
    }
    at_ += head_.size;
  }
}

void QueueReader::Publish() {
  if (published_ == at_) return;
  queue_->head.store_release(at_);
  published_ = at_;
}

}  // namespace taffrail::log
