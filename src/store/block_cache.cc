#include "store/block_cache.h"

namespace taffrail::store {
namespace {

// Of the cache, for one block: a few scans over all columns must not push out the heads of all others.
constexpr size_t kBlockShare = 16;

}  // namespace

std::unique_ptr<BlockReader> BlockCache::RemoveLocked(size_t index) {
  Entry& entry = entries_[index];
  std::unique_ptr<BlockReader> reader = std::move(entry.reader);
  bytes_ -= entry.bytes;
  index_.erase(entry.key);
  if (index + 1 < entries_.size()) {
    entry = std::move(entries_.back());
    index_[entry.key] = index;
  }
  entries_.pop_back();
  return reader;
}

// First what nobody can ask for any more, then whatever: scans come round to every block, and the one that
// was not used for longest is then the next to be wanted.
void BlockCache::MakeRoomLocked(size_t bytes, std::vector<std::unique_ptr<BlockReader>>& removed) {
  if (bytes_ + bytes <= max_bytes_) return;
  for (size_t i = entries_.size(); i > 0; --i) {
    if (entries_[i - 1].file.expired()) removed.push_back(RemoveLocked(i - 1));
  }
  while (bytes_ + bytes > max_bytes_ && !entries_.empty()) {
    victim_ ^= victim_ << 13;
    victim_ ^= victim_ >> 7;
    victim_ ^= victim_ << 17;
    removed.push_back(RemoveLocked(victim_ % entries_.size()));
  }
}

std::unique_ptr<BlockReader> BlockCache::Take(const Part& part, size_t block) {
  absl::MutexLock lock(&mutex_);
  const auto found = index_.find(Key{part.file_number(), static_cast<uint32_t>(block)});
  return found == index_.end() ? nullptr : RemoveLocked(found->second);
}

bool BlockCache::Has(const Part& part, size_t block) const {
  absl::MutexLock lock(&mutex_);
  return index_.contains(Key{part.file_number(), static_cast<uint32_t>(block)});
}

void BlockCache::Put(const Part& part, size_t block, std::unique_ptr<BlockReader> reader) {
  if (!reader->intact()) return;
  const size_t bytes = reader->FinishUse(max_bytes_ / kBlockShare);
  if (bytes > max_bytes_ / kBlockShare) return;
  std::vector<std::unique_ptr<BlockReader>> removed;  // freed without the lock
  absl::MutexLock lock(&mutex_);
  const Key key{part.file_number(), static_cast<uint32_t>(block)};
  if (const auto found = index_.find(key); found != index_.end()) {
    if (entries_[found->second].bytes >= bytes) return removed.push_back(std::move(reader));
    removed.push_back(RemoveLocked(found->second));
  }
  MakeRoomLocked(bytes, removed);
  index_[key] = entries_.size();
  entries_.push_back({key, part.file(), std::move(reader), bytes});
  bytes_ += bytes;
}

size_t BlockCache::bytes() const {
  absl::MutexLock lock(&mutex_);
  return bytes_;
}

}  // namespace taffrail::store
