#include "base/mem_file.h"

#include <algorithm>

namespace taffrail::base {
namespace {

uint64_t Below(MemFile::Rng& rng, uint64_t limit) { return limit == 0 ? 0 : rng() % limit; }

}  // namespace

void MemFile::Truncate(uint64_t size) {
  if (size < synced_size_) {
    cut_tail_.insert(0, data_, size, synced_size_ - size);
    synced_size_ = size;
  }
  data_.resize(size, '\0');
}

void MemFile::Sync() {
  synced_size_ = data_.size();
  cut_tail_.clear();
}

void MemFile::FailSync() {
  if (synced_size_ < data_.size()) doubtful_.emplace_back(synced_size_, data_.size());
}

void MemFile::Crash(Rng& rng) {
  constexpr uint64_t kPage = 4096;  // what the kernel drops after a failed write-back
  for (const auto& [from, to] : doubtful_) {
    for (uint64_t at = from; at < std::min<uint64_t>(to, synced_size_); at = (at / kPage + 1) * kPage) {
      const uint64_t end = std::min({(at / kPage + 1) * kPage, to, synced_size_});
      if (Below(rng, 2) == 0) std::fill(data_.begin() + at, data_.begin() + end, '\0');
    }
  }
  if (!cut_tail_.empty() && Below(rng, 2) == 0) {
    data_.replace(synced_size_, std::string::npos,
                  cut_tail_);  // the truncation, and all after it, never reached disk
  } else {
    TearUnsynced(rng);
  }
  doubtful_.clear();
  Sync();
}

void MemFile::TearUnsynced(Rng& rng) {
  const uint64_t unsynced = data_.size() - synced_size_;
  if (unsynced == 0) return;
  const uint64_t page = Below(rng, 2) == 0 ? 512 : 4096;  // a disk's sector; a kernel's page
  switch (Below(rng, 5)) {
    case 0:  // nothing was written back
      data_.resize(synced_size_);
      return;
    case 1:  // everything was
      return;
    case 2:  // the size was cut anywhere: a journal records sizes by the byte
      data_.resize(synced_size_ + Below(rng, unsynced + 1));
      return;
    case 3:  // whole pages only
      data_.resize(std::clamp<uint64_t>((synced_size_ + Below(rng, unsynced + 1)) / page * page, synced_size_,
                                        data_.size()));
      return;
    default:  // pages written in any order: some hold zeros, some what the disk held before
      data_.resize(synced_size_ + Below(rng, unsynced + 1));
      for (uint64_t at = synced_size_; at < data_.size(); at = (at / page + 1) * page) {
        const uint64_t end = std::min<uint64_t>((at / page + 1) * page, data_.size());
        const uint64_t fate = Below(rng, 4);
        if (fate == 0) std::fill(data_.begin() + at, data_.begin() + end, '\0');
        if (fate == 1)
          std::generate(data_.begin() + at, data_.begin() + end, [&] { return static_cast<char>(rng()); });
      }
  }
}

}  // namespace taffrail::base
