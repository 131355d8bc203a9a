#include "log/drain.h"

#include <unistd.h>

#include <algorithm>

#include "context/frame.h"
#include "log/queue_dir.h"
#include "log/record_reader.h"
#include "taffrail/context.h"
#include "taffrail/log.h"

namespace taffrail::log {

using detail::RecordHead;
using detail::RecordKind;

namespace {

// For the heap of readers: the earliest on top.
bool Later(const QueueReader* a, const QueueReader* b) { return a->head().ticks > b->head().ticks; }

}  // namespace

int64_t Drain::NowNs() {
  clock_.Synchronize();
  return clock_.ToUnixNs(detail::now_ticks());
}

ClockSample Drain::ReadClock() {
  clock_.Synchronize();
  return clock_.sample();
}

size_t Drain::Round(Outputs& outputs, OutputCounts& counts) {
  bytes_read_ = 0;
  retired_.swap(retiring_);  // those of the round before go at the end of this one
  clock_.Synchronize();
  if (outputs.journal() != nullptr) outputs.journal()->SetClock(clock_.sample());
  const uint64_t cutoff = detail::now_ticks();
  // No queue is held while a sink writes: a thread may make room in its own (QueuePolicy::kDropOldest).
  while (FillPiece(cutoff, outputs)) outputs.Write(counts);
  outputs.Write(counts);
  ProcessLoose(outputs);
  outputs.EmitDue(clock_.ToUnixNs(cutoff), false);
  outputs.Write(counts);
  for (detail::Frame* frame : retired_) detail::release_frame(frame);
  retired_.clear();
  queues_.Reap();
  return bytes_read_;
}

bool Drain::FillPiece(uint64_t cutoff, Outputs& outputs) {
  const bool noted = outputs.journal() != nullptr;
  std::vector<QueueReader> readers;
  for (detail::ThreadQueue* queue : queues_.All()) readers.emplace_back(*queue, !noted);
  const bool more = MergeInto(readers, cutoff, outputs);
  if (noted) {  // before the readers publish how far they have come
    std::vector<RingHead> rings;
    for (const QueueReader& reader : readers) {
      if (reader.moved()) rings.push_back({reader.queue().file_number, reader.at()});
    }
    outputs.Seal(rings);
    QueueDir::Own()->ReleaseLarge();
  }
  return more;
}

bool Drain::MergeInto(std::vector<QueueReader>& readers, uint64_t cutoff, Outputs& outputs) {
  std::vector<QueueReader*> heap;
  for (QueueReader& reader : readers) {
    if (!reader.AtEnd()) heap.push_back(&reader);
  }
  std::ranges::make_heap(heap, Later);
  while (!heap.empty()) {
    std::ranges::pop_heap(heap, Later);
    QueueReader* reader = heap.back();
    heap.pop_back();
    // Threads log in bursts: stay with this one as long as it is the earliest.
    const uint64_t until = heap.empty() ? cutoff : std::min(cutoff, heap.front()->head().ticks);
    if (reader->head().ticks > cutoff) return false;  // so are all others
    do {
      Process(reader->head(), reader->record(), &reader->queue(), outputs);
      bytes_read_ += reader->head().size;
      reader->Next();
      if (outputs.WantsWrite()) return true;
    } while (!reader->AtEnd() && reader->head().ticks <= until);
    if (reader->AtEnd()) continue;
    heap.push_back(reader);
    std::ranges::push_heap(heap, Later);
  }
  return false;
}

void Drain::Process(const RecordHead& head, const char* record, const detail::ThreadQueue* queue,
                    Outputs& outputs) {
  if (head.kind == RecordKind::kReleaseFrame) {
    retiring_.push_back(head.frame);
    return;
  }
  if (head.kind == RecordKind::kHeap) {
    const LooseRecord large(head.large);
    const RecordHead large_head = HeadOf(large.get());
    heap_bytes_freed_ += large_head.size;
    bytes_read_ += large_head.size;
    return Process(large_head, large.get(), queue, outputs);
  }
  layout::Line line = LineOf(head, record);
  line.time_ns = clock_.ToUnixNs(head.ticks);
  if (queue != nullptr) {
    line.thread_id = queue->thread_id;
    line.thread_name = queue->thread_name;
  } else {
    line.thread_id = static_cast<uint64_t>(gettid());
  }
  outputs.Add(line);
}

void Drain::ProcessLoose(Outputs& outputs) {
  std::vector<LooseRecord> loose = queues_.TakeLoose();
  std::ranges::stable_sort(loose, {}, [](const LooseRecord& record) { return HeadOf(record.get()).ticks; });
  for (const LooseRecord& record : loose) {
    const RecordHead head = HeadOf(record.get());
    bytes_read_ += head.size;
    Process(head, record.get(), nullptr, outputs);
    if (head.kind != RecordKind::kLine) continue;
    const RecordFrames frames = FramesOf(record.get());  // a loose line has references of its own
    detail::release_frame(frames.context);
    detail::release_frame(frames.bound);
  }
}

void Drain::WriteNow(const char* record, Outputs& outputs, OutputCounts& counts) {
  Round(outputs, counts);
  clock_.Synchronize();
  Process(HeadOf(record), record, nullptr, outputs);
  outputs.Write(counts);
}

}  // namespace taffrail::log
