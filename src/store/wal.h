// The write-ahead log: what was acknowledged and is not in a part yet.
//
// Segments wal-<id>.log are framed logs (framed_log.h) with the segment's id as the log's.
//
//   record 0 (begin) := varint id of the segment before | varint how many of its bytes count | group or
//   nothing other    (group) := varint first sequence | varint entries, each: varint rows, string block
//   docs/format/wal.md
//
// An entry is one batch, as a block (block_writer.h) without sequences. A group is what one group commit
// writes.
//
// "Begin" closes the segment before: what that one holds beyond the bytes that count was never acknowledged
// (its write or sync failed) or is repeated here. Thus a segment is never written again after a failed sync,
// whose pages the kernel may have dropped (the "fsyncgate" of 2018), and is never truncated either. Only the
// tail of the last segment may be torn. The sequences of all groups follow on each other without a gap: a
// segment that is missing is noticed.
//
// At a start the last group of the last segment is the one whose sync may have failed in the life before,
// even if it reads well from the cache today. "Begin" of the new segment repeats it, in one record, so that
// it is there or not.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/env.h"
#include "base/status.h"
#include "record/batch.h"
#include "store/framed_log.h"

namespace taffrail::store {

// The batch as the bytes of an entry, and the size of its lines.
std::string EncodeWalEntry(const record::RecordBatch& batch, uint64_t& line_bytes);

struct WalEntry {
  size_t rows = 0;
  std::string_view block;
};

struct WalSegment {
  uint64_t id = 0;
  uint64_t end_sequence = 0;  // its rows have smaller numbers
  uint64_t bytes = 0;
};

struct WalReplay {
  uint64_t next_sequence = 0;
  uint64_t next_segment_id = 1;
  WalSegment last;                   // with the bytes of the last segment that count; id 0: there is none
  std::string repeated;              // the payload of its last group, which does not count any more
  std::vector<WalSegment> segments;  // that were read, oldest first
  std::vector<uint64_t> unused;      // segments that hold nothing acknowledged: remove them
  uint64_t torn_bytes = 0;           // dropped at the end of the last segment
};

// Gets the replayed batches, numbered, with the size of their lines.
using WalVisitor = std::function<void(record::RecordBatch batch, uint64_t line_bytes)>;

// Reads all segments in order and calls `visit` with every batch whose rows are not below flushed_sequence,
// numbered. DataLoss for damage that no crash explains, with file and offset.
absl::StatusOr<WalReplay> ReplayWal(base::Env& env, const std::string& dir, uint64_t flushed_sequence,
                                    const WalVisitor& visit);

// The same over damage: `complain` hears of it, and what is whole is visited.
absl::StatusOr<WalReplay> SalvageWal(base::Env& env, const std::string& dir, uint64_t flushed_sequence,
                                     const WalVisitor& visit,
                                     const std::function<void(std::string)>& complain);

// Append, Rotate: one thread at a time. The others: any thread.
class Wal {
 public:
  Wal(base::Env& env, std::string dir, WalReplay replay);

  // Durable when ok. After an error nothing of it will be replayed, unless the process dies before the next
  // successful append; the next call starts a new segment.
  [[nodiscard]] absl::Status Append(uint64_t first_sequence, const std::vector<WalEntry>& entries);
  // Starts a segment now, so that a repeated group is durable.
  [[nodiscard]] absl::Status Start() { return log_ == nullptr ? StartSegment() : absl::OkStatus(); }
  // The next append starts a new segment.
  void Rotate() { log_ = nullptr; }
  // Removes the segments, but for the one in use, that hold only rows with smaller numbers.
  [[nodiscard]] absl::Status RemoveFlushed(uint64_t flushed_sequence);
  uint64_t Bytes() const;

 private:
  absl::Status StartSegment();

  base::Env& env_;
  const std::string dir_;
  std::unique_ptr<FramedLogWriter> log_;  // null: start a segment
  uint64_t next_id_;
  WalSegment last_;       // what the next "begin" says of the segment before
  std::string repeated_;  // and the group that it repeats
  mutable absl::Mutex mutex_;
  std::vector<WalSegment> segments_ ABSL_GUARDED_BY(mutex_);  // oldest first, the one in use last
};

}  // namespace taffrail::store
