// De-duplication by record id: a record that is sent again is acknowledged and not stored a second time.
//
// Senders deliver at least once: whoever hears no answer sends again. Where records carry an id of their own,
// the ids of the last lines stored are remembered and a line with one of them is left out of its batch.
//
//   batch ─ Take ─┬─ ids accepted within the window, or twice in the batch ─ left out
//                 ├─ ids that another commit has under way ─ wait for what becomes of it
//                 └─ the rest: under way ─ commit ─ Settle ─┬─ durable: accepted, the oldest leave
//                                                            └─ not: as if never seen
//
// An id counts as accepted once its line is durable, never before; so no line is dropped whose first copy can
// still be lost. Ids are kept as 128-bit hashes with a secret seed: another id with the same hash would drop
// a line, and nobody shall be able to make one.
//
// The window counts lines stored, with an id or without, by their sequence: that is what the store can tell
// after a restart, when the newest lines are read again (Refill).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "base/env.h"
#include "base/hash.h"
#include "base/status.h"
#include "expr/matcher.h"
#include "record/batch.h"
#include "store/store.h"

namespace taffrail::ingest {

struct DeduplicationOptions {
  // Where the id is: a dotted path in the line, or an attribute's or label's name; empty: off.
  std::string field;
  // Lines that are remembered, at least. A million is the backlog of a sender that has waited a minute and a
  // half at 10 000 lines a second; each id takes 35 to 55 bytes.
  uint64_t window_lines = 1'000'000;
  // Above zero: ids are forgotten after so long as well; window_lines then bounds the memory.
  int64_t window_ns = 0;

  // 16 million ids are some 700 MB: whoever wants more means another tool.
  static constexpr uint64_t kMostLines = 16'000'000;
  // For windows of time: 200 MB at most, ten minutes of 6 600 lines a second.
  static constexpr uint64_t kLinesOfTime = 4'000'000;
};

struct DeduplicationCounts {
  uint64_t duplicates = 0;  // lines acknowledged and not stored again
  uint64_t ids = 0;         // remembered now
  uint64_t left_early = 0;  // ids that left a window of time because it was full
};

// Thread-safe.
class Deduplicator {
 public:
  // The lines of one commit whose ids are under way. Settles with nothing committed when it goes.
  class Claim {
   public:
    Claim() = default;
    Claim(Claim&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), ticket_(other.ticket_), ids_(std::move(other.ids_)) {}
    Claim& operator=(Claim&&) = delete;
    ~Claim() { Settle(0, 0); }

    // The first `rows` lines of the batch are durable, with sequences below end_sequence; the others are not.
    void Settle(size_t rows, uint64_t end_sequence);

   private:
    friend class Deduplicator;
    Deduplicator* owner_ = nullptr;
    uint64_t ticket_ = 0;
    std::vector<base::Hash128> ids_;  // by row of the batch that is left; empty hash: no id
  };

  // REQUIRES: a field. The env must outlive it.
  Deduplicator(DeduplicationOptions options, base::Env& env);

  // Remembers the newest lines of the store. REQUIRES: nothing taken yet.
  absl::Status Refill(store::Store& store);

  // Takes the duplicates out of the batch, which may leave it empty. Waits while another claim has one of its
  // ids; a thread must not hold two claims.
  Claim Take(record::RecordBatch& batch);

  DeduplicationCounts counts() const;

 private:
  struct IdHash {
    size_t operator()(const base::Hash128& id) const { return id.low; }
  };
  using Ids = std::vector<base::Hash128>;
  // Ids that leave together.
  struct Chunk {
    uint64_t begin_sequence = 0;  // about: where the first of its commits began or the one before ended
    uint64_t end_sequence = 0;
    int64_t begin_ns = 0;
    int64_t end_ns = 0;
    Ids ids;
  };

  void IdsOf(const record::RecordBatch& batch, const expr::Selection& rows, Ids& ids) const;
  // A ticket that has one of the ids; 0: none.
  uint64_t HolderOf(const Ids& ids) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Settle(uint64_t ticket, const Ids& ids, size_t rows, uint64_t end_sequence);
  void Accept(Ids ids, uint64_t end_sequence, int64_t now_ns) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Forget(int64_t now_ns) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const DeduplicationOptions options_;
  base::Env& env_;
  uint64_t seed_ = 0;

  mutable absl::Mutex mutex_;
  absl::flat_hash_set<base::Hash128, IdHash> accepted_ ABSL_GUARDED_BY(mutex_);
  std::deque<Chunk> chunks_ ABSL_GUARDED_BY(mutex_);  // the same ids, oldest first
  absl::flat_hash_map<base::Hash128, uint64_t, IdHash> under_way_ ABSL_GUARDED_BY(mutex_);  // id → ticket
  absl::flat_hash_set<uint64_t> open_tickets_ ABSL_GUARDED_BY(mutex_);
  uint64_t last_ticket_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t end_sequence_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t duplicates_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t left_early_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace taffrail::ingest
