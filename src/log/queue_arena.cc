#include "log/queue_arena.h"

#include <algorithm>
#include <cstring>

#include "base/env.h"

namespace taffrail::log {
namespace {

SlotHead& HeadOfSlot(char* kept) { return *reinterpret_cast<SlotHead*>(kept - sizeof(SlotHead)); }

}  // namespace

char* QueueArena::Keep(uint64_t address, std::string_view bytes) {
  size_t size_class = 0;
  while (size_class < kSlotBytes.size() && kSlotBytes[size_class] < bytes.size() + sizeof(SlotHead))
    ++size_class;
  if (size_class == kSlotBytes.size()) return nullptr;
  char* slot = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    if (free_[size_class].empty() && !AddFile(size_class)) return nullptr;
    slot = free_[size_class].back();
    free_[size_class].pop_back();
    AddressOf(slot) = address == kOwnAddress ? 0 : address;
  }
  char* const kept = slot + sizeof(SlotHead);
  if (!bytes.empty()) std::memcpy(kept, bytes.data(), bytes.size());
  SlotHead& head = HeadOfSlot(kept);
  head.size = static_cast<uint32_t>(bytes.size());
  head.address.store(address == kOwnAddress ? reinterpret_cast<uintptr_t>(kept) : address,
                     std::memory_order_release);
  return kept;
}

void QueueArena::Drop(char* kept) {
  SlotHead& head = HeadOfSlot(kept);
  head.address.store(0, std::memory_order_release);
  const size_t bytes = head.size + sizeof(SlotHead);
  const auto size_class = std::ranges::lower_bound(kSlotBytes, bytes) - kSlotBytes.begin();
  char* const slot = kept - sizeof(SlotHead);
  absl::MutexLock lock(&mutex_);
  AddressOf(slot) = 0;
  free_[static_cast<size_t>(size_class)].push_back(slot);
}

uint64_t& QueueArena::AddressOf(const char* slot) {
  SlotFile& file = files_[reinterpret_cast<const SlotHead*>(slot)->file];
  const auto at = static_cast<size_t>(slot - file.file.data()) - kQueueHeadBytes;
  return file.addresses[at / file.slot_bytes];
}

std::vector<uint64_t> QueueArena::Addresses() const {
  std::vector<uint64_t> addresses;
  absl::MutexLock lock(&mutex_);
  for (const SlotFile& file : files_) {
    for (const uint64_t address : file.addresses) {
      if (address != 0) addresses.push_back(address);
    }
  }
  return addresses;
}

bool QueueArena::AddFile(size_t size_class) {
  const size_t slot_bytes = kSlotBytes[size_class];
  const size_t slots = std::max<size_t>(kFileBytesMin / slot_bytes, 1);
  const size_t bytes = kQueueHeadBytes + slots * slot_bytes;
  if (bytes_ + bytes > kBytesMax) return false;
  auto file = MappedFile::Create(base::JoinPath(dir_, "slots-" + std::to_string(files_.size() + 1)), bytes);
  if (!file.ok()) return false;
  SlotFileHead head{.format = kQueueFormat, .slots = static_cast<uint32_t>(slots), .slot_bytes = slot_bytes};
  std::memcpy(head.magic, SlotFileHead::kMagic, sizeof(head.magic));
  std::memcpy(file->data(), &head, sizeof(head));
  for (size_t i = slots; i-- > 0;) {
    char* const slot = file->data() + kQueueHeadBytes + i * slot_bytes;
    reinterpret_cast<SlotHead*>(slot)->file = static_cast<uint32_t>(files_.size());
    free_[size_class].push_back(slot);
  }
  files_.push_back({*std::move(file), slot_bytes, std::vector<uint64_t>(slots)});
  bytes_ += bytes;
  return true;
}

}  // namespace taffrail::log
