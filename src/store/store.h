// The embedded log store: durable when acknowledged, byte for byte, any shape, bounded memory.
//
//   Append ─ WAL (group commit) ─ memtable ─ parts by day ─ merges docs/format/{wal,part,manifest}.md Scan ─
//   a snapshot of memtable and parts, pruned, decoded column by column, in batches
//
// Thread safety: every method may be called from any thread. Readers are never blocked by writers or merges.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "expr/expr.h"
#include "expr/matcher.h"
#include "record/batch.h"

namespace taffrail::store {

struct StoreOptions {
  std::string dir;
  base::Env* env = nullptr;  // null: Env::Posix()
  int64_t commit_window_us =
      0;  // how long a group commit waits for company; 0: only for the sync in progress
  size_t memtable_bytes =
      size_t{48} << 20;  // raw bytes held before a flush to a part; memory in use is about twice
  // When none came for so long, lines in memory become a part all the same; a few of them, less than a
  // mebibyte, after sixty times as long. 0: only when memory is full.
  int64_t idle_flush_s = 10;
  size_t cache_bytes = size_t{128} << 20;  // of decoded blocks for the next searches; 0: none. The columns
                                           // that the searches of five million lines look at, about
  uint64_t min_free_bytes = uint64_t{64}
                            << 20;  // below this Append answers ResourceExhausted: merges and manifest
                                    // edits still need room on a disk that is full for everyone else
  // What background merges may write: half of what a cheap SATA disk does, and twice what ingest at a million
  // lines a second makes of them. 0: no limit. Compact() and deletes that wait for a merge are not held to
  // it.
  uint64_t merge_bytes_per_s = uint64_t{64} << 20;
  bool read_only = false;  // for `taffrail search --data` beside a running server: no lock, no WAL writing
  bool background = true;  // flush and merge threads; tests that count writes run them by hand
};

struct TimeRange {
  int64_t from_ns = INT64_MIN;
  int64_t to_ns = INT64_MAX;  // exclusive, but INT64_MAX includes everything
};

// Which columns the reader of a scan needs beside those of the predicate.
struct Columns {
  bool line = false;  // everything: the stored line and attributes
  std::vector<expr::FieldRef> fields;
  bool times = true;  // timestamps and sequences
  // Only which shapes and streams there are matters: where all of a block is part of the answer, the sink may
  // be given its batch without rows, and nothing but its directory is read.
  bool shapes_only = false;
};

// Which row it is.
struct RowPlace {
  int64_t timestamp_ns = 0;
  uint64_t sequence = 0;
  friend auto operator<=>(const RowPlace&, const RowPlace&) = default;  // NOLINT(modernize-use-nullptr)
};

enum class Order : uint8_t { kNone, kAscending, kDescending };  // by timestamp, then sequence

// Answers for --explain and metrics; filled while a scan runs.
struct ScanStats {
  uint64_t blocks = 0;  // in parts and memtable
  uint64_t blocks_pruned_time = 0;
  uint64_t blocks_pruned_words = 0;
  uint64_t blocks_pruned_range = 0;
  uint64_t blocks_counted = 0;  // all rows match and none is looked at: nothing read
  uint64_t blocks_read = 0;
  uint64_t blocks_remembered = 0;  // of those, where the same predicate was asked before: nothing evaluated
  uint64_t rows_read = 0;          // evaluated
  uint64_t rows_matched = 0;
  uint64_t bytes_read = 0;  // from files, compressed
  uint64_t bytes_decoded = 0;
  int64_t cpu_ns = 0;  // of all threads, what the sink does left out
};

struct ScanRequest {
  TimeRange range;
  std::shared_ptr<const expr::Matcher> predicate;  // null: every row
  Columns columns;
  Order order = Order::kNone;
  uint64_t limit = 0;  // with an order: of each block so many rows at most are read, the first ones; 0: all
  // Blocks that have only rows before this sequence are passed over; the others are given whole, with earlier
  // rows.
  uint64_t from_sequence = 0;
  bool concurrent = false;  // without an order: the sink may be called by several threads at once
  std::shared_ptr<const std::vector<RowPlace>> only;  // ascending: no other rows are given; null: all
  std::function<bool()> cancelled;  // asked at least once a block, by one thread at a time; null: never
  std::function<void(const ScanStats&)>
      report;  // how far it has come, after each block, as `cancelled`; may be null

  // Rows are brought into order by their times, whether or not the reader wants those.
  bool NeedsTimes() const { return columns.times || order != Order::kNone; }
};

// Receives matching rows: ascending row numbers of one batch. With an order, all rows of one call come before
// all rows of the next (kDescending: after), so a reader of kDescending walks `rows` backwards. Returning
// false ends the scan (which then is ok). The batch is valid during the call only.
using ScanSink = std::function<bool(const record::RecordBatch& batch, const expr::Selection& rows)>;

struct PartInfo {
  uint64_t id = 0;
  int32_t day = 0;            // days since 1970-01-01, UTC
  uint64_t rows = 0;          // without the deleted ones
  uint64_t deleted_rows = 0;  // still in the file, until a merge leaves them out
  uint64_t blocks = 0;
  uint64_t file_bytes = 0;
  uint64_t raw_bytes = 0;  // of the lines, with a newline each
  int64_t min_timestamp_ns = 0;
  int64_t max_timestamp_ns = 0;
};

// Rows to delete: those in the range that match, of all that were acknowledged when Delete was called.
struct DeleteRequest {
  TimeRange range;
  std::shared_ptr<const expr::Matcher> predicate;  // null: every row
  bool dry_run = false;                            // count only
  std::function<bool()> cancelled;                 // asked at least once a block; null: never
};

// What was removed, or would be.
struct RemovalReport {
  uint64_t rows = 0;
  uint64_t parts = 0;       // files that had some of them
  uint64_t disk_bytes = 0;  // of the files that went away as a whole: that much is free at once
};

struct StoreInfo {
  uint64_t rows = 0;  // all that a scan would see
  uint64_t raw_bytes = 0;
  uint64_t disk_bytes = 0;  // parts, WAL and manifest
  uint64_t wal_bytes = 0;
  uint64_t memtable_rows = 0;
  uint64_t memtable_bytes = 0;
  uint64_t next_sequence = 0;
  uint64_t deleted_rows = 0;   // of all parts
  uint64_t merged_bytes = 0;   // written by merges since the start
  uint64_t flushed_bytes = 0;  // written by flushes: their ratio is the write amplification
  uint64_t flushes = 0;
  uint64_t merges = 0;
  int64_t merge_waited_ns = 0;    // what merges have slept, to write no faster than they may
  int64_t last_commit_ns = 0;     // Unix time of the last acknowledged append; 0: none since the start
  bool busy = false;              // a flush or a background merge is under way or due
  absl::Status background_error;  // why flushes or merges do not go on; ok when they do
  std::vector<PartInfo> parts;
};

struct VerifyReport {
  uint64_t files = 0;
  uint64_t blocks = 0;
  uint64_t rows = 0;
  std::vector<std::string> damage;  // one sentence each: file, place, what is wrong
};

class Store {
 public:
  // Opens or creates the store, replays the WAL. FailedPrecondition: another process has it open. DataLoss:
  // damage that replay cannot explain by a crash; the message names the file and offset and `taffrail store
  // repair`.
  static absl::StatusOr<std::unique_ptr<Store>> Open(StoreOptions options);
  virtual ~Store() = default;  // flushes nothing: the WAL has everything

  // Returns when the batch is durable and visible to scans; gives its rows their sequence numbers, in order.
  // An error means that nothing of it is visible (it may reappear after a crash if the disk kept it:
  // at-least-once senders resend). ResourceExhausted: disk full. Unavailable: a failed write; the store goes
  // on once a new WAL file can be opened.
  absl::Status Append(record::RecordBatch batch) { return Append(std::move(batch), nullptr); }
  // The same, and shows the numbered batch to `committed` (may be null) once it is durable and visible, on
  // this thread and with no lock held: what standing queries see, without a copy.
  using CommitObserver = std::function<void(const record::RecordBatch& batch)>;
  virtual absl::Status Append(record::RecordBatch batch, const CommitObserver& committed) = 0;

  virtual absl::Status Scan(const ScanRequest& request, const ScanSink& sink, ScanStats* stats) = 0;

  virtual StoreInfo Info() = 0;
  virtual absl::Status Flush() = 0;    // memtable to parts, now
  virtual absl::Status Compact() = 0;  // merges until nothing is left to merge; deleted rows are gone then

  // Scans that begin later do not see the rows, and neither do those after a crash: durable when ok. The
  // bytes go with the next merge of their parts, at the latest with Compact(). Writers are not held up;
  // merges are.
  virtual absl::StatusOr<RemovalReport> Delete(const DeleteRequest& request) = 0;
  // Removes all days before `day` (days since 1970-01-01, UTC) as whole files. Durable when ok.
  virtual absl::StatusOr<RemovalReport> DropBefore(int32_t day, bool dry_run) = 0;
  // Makes `dir`, which must not exist or be empty, a store of its own with the rows that are visible now.
  // Parts are hard-linked, or copied where that cannot be. Writers and readers go on meanwhile. NotFound,
  // from a store open for reading only: the writing process has merged a part away; open it again and try
  // again.
  virtual absl::Status SnapshotTo(const std::string& dir) = 0;

  // Reads every block of every part and checks it. `progress` gets (done, total) bytes; may be null.
  static absl::StatusOr<VerifyReport> Verify(base::Env& env, const std::string& dir,
                                             const std::function<void(uint64_t, uint64_t)>& progress);
  // Moves damaged files to DIR/quarantine, salvages readable blocks into new parts, and registers what is
  // whole.
  static absl::StatusOr<VerifyReport> Repair(base::Env& env, const std::string& dir);
  // Verifies the snapshot and makes `dir`, which must not exist or be empty, a store with its rows.
  static absl::Status Restore(base::Env& env, const std::string& snapshot, const std::string& dir);
};

}  // namespace taffrail::store
