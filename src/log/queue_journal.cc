#include "log/queue_journal.h"

#include <cstdio>
#include <cstring>

namespace taffrail::log {
namespace {

constexpr size_t kFirstBytes = size_t{256} << 10;  // pieces are 64 KiB and a line, for each look
constexpr size_t kGrowBytes = size_t{256} << 10;

bool Inside(uint64_t at, uint64_t size, uint64_t all) { return at <= all && size <= all - at; }

}  // namespace

absl::StatusOr<Journal> Journal::Create(const std::string& path) {
  TAFFRAIL_ASSIGN_OR_RETURN(MappedFile file, MappedFile::Create(path, kFirstBytes));
  auto* head = new (file.data()) JournalHead{};
  std::memcpy(head->magic, JournalHead::kMagic, sizeof(head->magic));
  head->format = kQueueFormat;
  return Journal(std::move(file));
}

absl::StatusOr<Journal> Journal::Open(const std::string& path) {
  TAFFRAIL_ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(path));
  if (file.size() < kQueueHeadBytes) return absl::DataLossError("a journal that is too short");
  Journal journal(std::move(file));
  const JournalHead& head = journal.head();
  if (std::memcmp(head.magic, JournalHead::kMagic, sizeof(head.magic)) != 0)
    return absl::DataLossError("not a journal");
  if (head.format != kQueueFormat) return absl::UnimplementedError("a journal of another format");
  return journal;
}

void Journal::SetClock(const ClockSample& sample) {
  const uint64_t turn = head().clock_turn.load(std::memory_order_relaxed) + 1;
  head().clocks[turn & 1] = sample;
  head().clock_turn.store(turn, std::memory_order_release);
}

ClockSample Journal::clock() const { return head().clocks[head().clock_turn.load() & 1]; }

void Journal::SetSinks(std::span<const std::shared_ptr<Sink>> sinks) {
  sinks_.clear();
  for (const auto& sink : sinks) {
    const auto number = static_cast<uint32_t>(sinks_.size());
    const auto position = sink->position(0);
    sinks_.emplace(sink.get(), SinkFile{number, position ? std::string(position->path) : std::string()});
  }
}

bool Journal::Seal(std::span<const RingHead> rings, std::span<const Delivery> deliveries) {
  const size_t rings_at = kQueueHeadBytes;
  const size_t deliveries_at = rings_at + rings.size() * sizeof(RingHead);
  size_t at = deliveries_at + deliveries.size() * sizeof(DeliveryHead);
  size_t bytes = at;
  std::string_view before;
  for (const Delivery& delivery : deliveries) {
    bytes += sinks_[delivery.sink].path.size();
    if (delivery.text.data() != before.data()) bytes += delivery.text.size();
    before = delivery.text;
  }
  if (bytes > file_.size()) {
    const absl::Status status = file_.Grow((bytes / kGrowBytes + 1) * kGrowBytes);
    if (!status.ok()) {
      if (!std::exchange(told_, true))
        std::fprintf(stderr, "taffrail: no room for the journal of the log's queue\n");
      return false;
    }
  }
  if (!rings.empty()) std::memcpy(file_.data() + rings_at, rings.data(), rings.size_bytes());
  before = {};
  uint64_t text_at = 0;
  for (size_t i = 0; i < deliveries.size(); ++i) {
    const auto& [sink, text] = deliveries[i];
    const SinkFile& file = sinks_[sink];
    auto* out = new (file_.data() + deliveries_at + i * sizeof(DeliveryHead)) DeliveryHead{};
    out->sink = file.number;
    out->path_at = at;
    out->path_size = file.path.size();
    std::memcpy(file_.data() + at, file.path.data(), file.path.size());
    at += file.path.size();
    if (text.data() != before.data()) {  // sinks of one look share the text
      std::memcpy(file_.data() + at, text.data(), text.size());
      text_at = at;
      at += text.size();
      before = text;
    }
    out->text_at = text_at;
    out->text_size = text.size();
  }
  head().rings = static_cast<uint32_t>(rings.size());
  head().deliveries = static_cast<uint32_t>(deliveries.size());
  head().sealed.store(1, std::memory_order_release);
  return true;
}

DeliveryHead& Journal::delivery(size_t i) const {
  char* deliveries = file_.data() + kQueueHeadBytes + head().rings * sizeof(RingHead);
  return reinterpret_cast<DeliveryHead*>(deliveries)[i];
}

void Journal::Begin(size_t number, Sink& sink) {
  if (!sealed()) return;
  DeliveryHead& out = delivery(number);
  if (const auto position = sink.position(out.text_size)) {
    out.device = position->device;
    out.inode = position->inode;
    out.offset = position->offset;
    SinkFile& file = sinks_[&sink];
    if (file.path.empty()) file.path = position->path;  // for the next piece
  }
  out.state.store(DeliveryHead::kBegun, std::memory_order_release);
}

void Journal::End(size_t number, bool written) {
  failed_ |= !written && keeps_failed_;
  if (sealed() && (written || !keeps_failed_))
    delivery(number).state.store(DeliveryHead::kDone, std::memory_order_release);
}

void Journal::Clear() {
  if (!failed_) head().sealed.store(0, std::memory_order_release);
}

Journal::Piece Journal::Found() {
  Piece piece;
  if (!sealed()) return piece;
  const uint64_t size = file_.size();
  const uint64_t rings_bytes = uint64_t{head().rings} * sizeof(RingHead);
  const uint64_t deliveries_bytes = uint64_t{head().deliveries} * sizeof(DeliveryHead);
  if (!Inside(kQueueHeadBytes, rings_bytes + deliveries_bytes, size)) {
    piece.damaged = true;
    return piece;
  }
  piece.rings.resize(head().rings);
  if (rings_bytes != 0) std::memcpy(piece.rings.data(), file_.data() + kQueueHeadBytes, rings_bytes);
  for (size_t i = 0; i < head().deliveries; ++i) {
    DeliveryHead& part = delivery(i);
    if (!Inside(part.path_at, part.path_size, size) || !Inside(part.text_at, part.text_size, size)) {
      piece.damaged = true;
      continue;
    }
    piece.parts.push_back({&part,
                           {file_.data() + part.path_at, part.path_size},
                           {file_.data() + part.text_at, part.text_size}});
  }
  return piece;
}

}  // namespace taffrail::log
