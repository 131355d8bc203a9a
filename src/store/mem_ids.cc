#include "store/mem_ids.h"

#include <algorithm>

#include "base/hash.h"
#include "store/block_writer.h"

namespace taffrail::store {
namespace {

uint32_t TopHalf(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }

}  // namespace

bool MemIds::MayHold(const std::vector<std::string>& folded_ids) const {
  if (!gathered()) return true;
  return std::all_of(folded_ids.begin(), folded_ids.end(), [this](const std::string& id) {
    return std::binary_search(hashes_.begin(), hashes_.end(), TopHalf(base::Hash64(id)));
  });
}

void MemIds::Gather(const record::RecordBatch& batch) {
  if (gathered()) return;
  IdHashes ids;
  AddWords(batch, ids);
  for (const IdRows& id : ids.Take()) hashes_.push_back(TopHalf(id.hash));
  std::sort(hashes_.begin(), hashes_.end());
  hashes_.erase(std::unique(hashes_.begin(), hashes_.end()), hashes_.end());
  hashes_.shrink_to_fit();
  gathered_.store(true, std::memory_order_release);
}

MemIdsThread::MemIdsThread() : thread_([this] { Work(); }) {}

MemIdsThread::~MemIdsThread() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void MemIdsThread::Want(std::vector<Wanted> batches) {
  absl::MutexLock lock(&mutex_);
  wanted_ = std::move(batches);
}

void MemIdsThread::Work() {
  absl::MutexLock lock(&mutex_);
  while (true) {
    const auto woken = [this]()
                           ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !wanted_.empty(); };
    mutex_.Await(absl::Condition(&woken));
    if (stopping_) return;
    const Wanted next = std::move(wanted_.back());
    wanted_.pop_back();
    mutex_.Unlock();
    next.second->Gather(*next.first);
    mutex_.Lock();
  }
}

}  // namespace taffrail::store
