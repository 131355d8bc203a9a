#include "log/recovery_entry.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/bytes.h"
#include "base/env.h"

namespace taffrail::log {
namespace {

using detail::RecordHead;
using detail::RecordKind;

// Larger files are not ours: a ring has at most 64 MiB, a file of slots 16 MiB and a page.
constexpr size_t kFileBytesMax = size_t{65} << 20;
constexpr size_t kNamesBytesMax = size_t{256} << 20;
constexpr size_t kFilesMax = 65'536;  // so many threads at once

std::vector<std::string> FilesOf(const std::string& dir) {
  std::vector<std::string> names;
  DIR* const stream = opendir(dir.c_str());
  if (stream == nullptr) return names;
  for (const dirent* entry = readdir(stream); entry != nullptr && names.size() < kFilesMax;
       entry = readdir(stream)) {
    names.emplace_back(entry->d_name);
  }
  closedir(stream);
  std::ranges::sort(names);
  return names;
}

template <typename T>
T ReadAt(std::string_view bytes, size_t at) {  // REQUIRES: it is inside
  T value;
  std::memcpy(static_cast<void*>(&value), bytes.data() + at, sizeof(value));
  return value;
}

bool KnownLevel(Level level) {
  constexpr uint8_t kStep = 4;
  const auto number = static_cast<uint8_t>(level);
  return number % kStep == 1 && number < static_cast<uint8_t>(Level::kOff);
}

// The length of the values that the site's types describe; false when they reach beyond the end.
bool ValidValues(const detail::CallSite& site, std::string_view values) {
  base::ByteReader in(values);
  for (uint32_t i = 0; i < site.field_count; ++i) {
    switch (site.types[i].kind) {
      case detail::Kind::kNull:
        break;
      case detail::Kind::kBool:
        in.Bytes(1);
        break;
      case detail::Kind::kString:
        if (const auto size = in.Fixed<uint32_t>(); size != detail::kTextNull)
          in.Bytes(size & ~detail::kTextClipped);
        break;
      case detail::Kind::kObject:
      case detail::Kind::kArray:
        return false;
      default:
        in.Bytes(8);
    }
  }
  return in.ok();
}

}  // namespace

absl::StatusOr<std::unique_ptr<DeadEntry>> DeadEntry::Open(const std::string& path) {
  std::unique_ptr<DeadEntry> entry(new DeadEntry(path));
  const std::string lock = base::JoinPath(path, "lock");
  entry->lock_ =
      sink::Fd(sink::Retry([&] { return open(lock.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK); }));
  if (!entry->lock_.valid()) return absl::ErrnoToStatus(errno, "open " + lock);
  if (flock(entry->lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return absl::AbortedError(path + " is in use");
    return absl::ErrnoToStatus(errno, "lock " + lock);
  }
  struct stat info {};
  entry->trusted_ = fstat(entry->lock_.get(), &info) == 0 && info.st_uid == geteuid();
  // Between opening and locking another process may have recovered it.
  if (access(lock.c_str(), F_OK) != 0) return absl::NotFoundError(path + " was recovered just now");
  TAFFRAIL_RETURN_IF_ERROR(entry->Read());
  return entry;
}

absl::Status DeadEntry::Read() {
  const auto names = ReadQueueFile(base::JoinPath(path_, "names"), kNamesBytesMax);
  if (names.ok()) {
    names_ = Names::Parse(*names);
    if (names_.damaged) counts_.bytes_lost += 1;
  } else {
    counts_.bytes_lost += 1;
  }
  auto journal = Journal::Open(base::JoinPath(path_, "journal"));
  if (journal.ok()) {
    journal_ = *std::move(journal);
    clock_ = journal_->clock();
  } else if (absl::IsUnimplemented(journal.status())) {
    return journal.status();  // a later version's: that one is to recover it
  } else {
    counts_.bytes_lost += 1;
  }
  std::vector<std::pair<std::string, std::string>> rings;
  for (const std::string& name : FilesOf(path_)) {
    const bool is_ring = name.starts_with("queue-");
    if (!is_ring && !name.starts_with("slots-")) continue;
    const std::string path = base::JoinPath(path_, name);
    auto bytes = ReadQueueFile(path, kFileBytesMax);
    if (!bytes.ok()) {
      counts_.bytes_lost += 1;
    } else if (is_ring) {
      rings.emplace_back(path, *std::move(bytes));
    } else {
      slot_files_.push_back(*std::move(bytes));
    }
  }
  for (const std::string& file : slot_files_) ReadSlots(file);
  for (const auto& [path, file] : rings) ReadRing(path, file);
  return absl::OkStatus();
}

void DeadEntry::ReadSlots(std::string_view file) {
  if (file.size() < kQueueHeadBytes) return;  // killed while it was being made
  const auto head = ReadAt<SlotFileHead>(file, 0);
  if (head.magic[0] == 0) return;
  const bool known = std::memcmp(head.magic, SlotFileHead::kMagic, sizeof(head.magic)) == 0 &&
                     head.format == kQueueFormat && head.slot_bytes > sizeof(SlotHead);
  if (!known || head.slots > (file.size() - kQueueHeadBytes) / head.slot_bytes) {
    counts_.bytes_lost += file.size();
    return;
  }
  for (uint32_t i = 0; i < head.slots; ++i) {
    const size_t at = kQueueHeadBytes + i * head.slot_bytes;
    const auto address = ReadAt<uint64_t>(file, at);
    const auto size = ReadAt<uint32_t>(file, at + offsetof(SlotHead, size));
    if (address == 0) continue;
    if (size > head.slot_bytes - sizeof(SlotHead)) {
      counts_.bytes_lost += head.slot_bytes;
      continue;
    }
    slots_[address] = file.substr(at + sizeof(SlotHead), size);
  }
}

void DeadEntry::ReadRing(const std::string& path, std::string_view file) {
  if (file.size() < kQueueHeadBytes) return;
  const auto head = ReadAt<RingFileHead>(file, 0);
  if (head.magic[0] == 0) return;  // killed while it was being made
  Ring ring{.path = path, .number = head.number, .thread_id = head.thread_id, .head_at = head.head_at};
  const bool known = std::memcmp(head.magic, RingFileHead::kMagic, sizeof(head.magic)) == 0 &&
                     head.format == kQueueFormat && std::has_single_bit(head.capacity) &&
                     head.capacity == file.size() - kQueueHeadBytes &&
                     head.tail_at <= kQueueHeadBytes - sizeof(uint64_t) &&
                     head.head_at <= kQueueHeadBytes - sizeof(uint64_t);
  if (known) {
    ring.at = ring.published = ReadAt<uint64_t>(file, head.head_at);
    ring.tail = ReadAt<uint64_t>(file, head.tail_at);
  }
  if (!known || ring.tail < ring.at || ring.tail - ring.at > head.capacity ||
      ring.at % detail::kRecordAlign != 0) {
    counts_.bytes_lost += file.size();
    return;
  }
  ring.thread_name.assign(head.thread_name, strnlen(head.thread_name, sizeof(head.thread_name)));
  ring.bytes = file.substr(kQueueHeadBytes);
  rings_.push_back(std::move(ring));
  Load(rings_.back());
}

void DeadEntry::Load(Ring& ring) {
  ring.head.reset();
  while (ring.at != ring.tail) {
    const size_t place = ring.at % ring.bytes.size();
    const uint64_t left = std::min<uint64_t>(ring.tail - ring.at, ring.bytes.size() - place);
    RecordHead head{};
    if (left >= offsetof(RecordHead, level))
      std::memcpy(static_cast<void*>(&head), ring.bytes.data() + place, offsetof(RecordHead, level));
    if (head.size < detail::kRecordAlign || head.size % detail::kRecordAlign != 0 || head.size > left) break;
    if (head.kind == RecordKind::kSkip) {
      ring.at += head.size;
      continue;
    }
    if (head.size < sizeof(RecordHead)) break;
    head = ReadAt<RecordHead>(ring.bytes, place);
    if (head.kind == RecordKind::kReleaseFrame) {
      ring.at += head.size;
      continue;
    }
    ring.head = head;
    return;
  }
  counts_.bytes_lost += ring.tail - ring.at;
  ring.at = ring.tail;
}

void DeadEntry::Skip(const std::vector<RingHead>& rings) {
  for (const RingHead& sealed : rings) {
    for (Ring& ring : rings_) {
      if (ring.number != sealed.number || sealed.head <= ring.at || sealed.head > ring.tail) continue;
      ring.at = sealed.head;
      Load(ring);
    }
  }
}

bool DeadEntry::Next(layout::Line& line) {
  while (true) {
    Ring* earliest = nullptr;
    for (Ring& ring : rings_) {
      if (ring.head && (earliest == nullptr || ring.head->ticks < earliest->head->ticks)) earliest = &ring;
    }
    if (earliest == nullptr) return false;
    const bool good = Decode(*earliest, line);
    earliest->at += earliest->head->size;
    Load(*earliest);
    if (good) {
      ++counts_.lines;
      return true;
    }
    ++counts_.unreadable;
  }
}

int64_t DeadEntry::TimeOf(uint64_t ticks) const {
  // What no clock shows comes from a damaged file: no time is better than undefined behaviour.
  constexpr double kFarNs = 4e18;
  const double since_ns =
      static_cast<double>(static_cast<int64_t>(ticks - clock_.ticks)) * clock_.ns_per_tick;
  const double unix_ns = since_ns + static_cast<double>(clock_.unix_ns);
  return unix_ns > -kFarNs && unix_ns < kFarNs && since_ns > -kFarNs && since_ns < kFarNs
             ? clock_.ToUnixNs(ticks)
             : 0;
}

bool DeadEntry::FindFrame(uint64_t address, detail::Frame*& frame) {
  frame = nullptr;
  if (address == 0) return true;
  std::unique_ptr<detail::Frame>& known = frames_[address];
  if (known == nullptr) {
    const auto slot = slots_.find(address);
    if (slot == slots_.end() || !ValidFields(slot->second)) return false;
    known = std::make_unique<detail::Frame>();
    known->fields = slot->second;
  }
  frame = known.get();
  return true;
}

bool DeadEntry::Decode(const Ring& ring, layout::Line& line) {
  RecordHead head = *ring.head;
  std::string_view record = ring.record();
  if (head.kind == RecordKind::kHeap) {
    const auto slot = slots_.find(reinterpret_cast<uintptr_t>(head.large));
    if (slot == slots_.end() || slot->second.size() < sizeof(RecordHead)) return false;
    record = slot->second;
    head = ReadAt<RecordHead>(record, 0);
  }
  if (head.kind != RecordKind::kLine || !KnownLevel(head.level)) return false;
  const auto site = names_.sites.find(reinterpret_cast<uintptr_t>(head.site));
  const auto logger = names_.loggers.find(reinterpret_cast<uintptr_t>(head.logger));
  if (site == names_.sites.end() || logger == names_.loggers.end()) return false;
  line = {.time_ns = TimeOf(head.ticks),
          .level = head.level,
          .site = site->second.get(),
          .logger = logger->second,
          .thread_id = ring.thread_id,
          .thread_name = ring.thread_name};
  if (!DecodeFields(head, record.substr(sizeof(RecordHead)), line)) return false;
  bool all = FindFrame(reinterpret_cast<uintptr_t>(head.frame), line.context);
  if ((head.flags & RecordHead::kBound) != 0)
    all &= FindFrame(ReadAt<uint64_t>(record, sizeof(RecordHead)), line.bound);
  if (!all) ++counts_.without_scope;
  return true;
}

bool DeadEntry::DecodeFields(const RecordHead& head, std::string_view rest, layout::Line& line) const {
  base::ByteReader in(rest);
  if ((head.flags & RecordHead::kBound) != 0) in.Bytes(sizeof(uint64_t));
  const auto& site = static_cast<const RecoveredSite&>(*line.site);
  if ((head.flags & RecordHead::kMessageCopied) != 0) {
    line.message = in.Bytes(in.Fixed<uint32_t>() & ~detail::kTextClipped);
  } else {
    line.message = site.message_text;
  }
  if ((head.flags & RecordHead::kFieldsEncoded) != 0) {
    line.fields = in.Bytes(in.Fixed<uint32_t>());
    if (!in.ok() || !ValidFields(line.fields)) return false;
  } else {
    const std::string_view values = in.Bytes(in.remaining());
    if (!in.ok() || !ValidValues(site, values)) return false;
    line.values = values.data();
  }
  line.message_clipped = (head.flags & RecordHead::kMessageClipped) != 0;
  line.fields_clipped = (head.flags & RecordHead::kFieldsClipped) != 0;
  return in.ok();
}

std::vector<RingHead> DeadEntry::Heads() const {
  std::vector<RingHead> heads;
  for (const Ring& ring : rings_) {
    if (ring.at != ring.published) heads.push_back({ring.number, ring.at});
  }
  return heads;
}

absl::Status DeadEntry::PublishHeads() {
  for (Ring& ring : rings_) {
    if (ring.at == ring.published) continue;
    const sink::Fd fd(open(ring.path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    const ssize_t written = sink::Retry(
        [&] { return pwrite(fd.get(), &ring.at, sizeof(ring.at), static_cast<off_t>(ring.head_at)); });
    if (written != sizeof(ring.at)) return absl::ErrnoToStatus(errno, "write " + ring.path);
    ring.published = ring.at;
  }
  return absl::OkStatus();
}

}  // namespace taffrail::log
