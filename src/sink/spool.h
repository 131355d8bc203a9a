// Lines on disk, between the moment a sink took them and the moment their destination has them.
//
// A directory of segments, written one after another and removed when all of them is dealt with:
//
//   00000000000000000007.spool, …   segments, in the order of their numbers
//   cursor                          how far they have been dealt with
//   lock                            held by the process that uses the directory
//
// What Append() took survives the end of the process, however it ends, since it is with the operating system;
// nothing is synced, so a power failure may cost the last seconds. The bytes: docs/format/spool.md.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/env.h"
#include "sink/owned_lines.h"

namespace taffrail::sink {

struct SpoolOptions {
  std::string dir;
  uint64_t max_bytes = uint64_t{1} << 30;
};

// Thread-safe, but one thread reads.
class Spool {
 public:
  struct Position {
    uint64_t segment = 0;
    uint64_t offset = 0;
    bool operator==(const Position&) const = default;
    bool operator<(const Position& other) const {
      return segment != other.segment ? segment < other.segment : offset < other.offset;
    }
  };

  // Takes what earlier processes left, in this directory and in those that Open() chose beside it because it
  // was in use ("dir.2" …), and that are not in use now.
  static absl::StatusOr<std::unique_ptr<Spool>> Open(base::Env& env, const SpoolOptions& options);

  // Returns how many lines, from the front, are in the spool now; `why` says why not all:
  // ResourceExhausted (full, or the disk is), or what the system said.
  size_t Append(std::span<const Entry> entries, absl::Status& why);

  // The next lines, as many as there are up to these limits, and at least one frame of them. Nothing: all has
  // been read. A frame that was damaged is left out and counted.
  [[nodiscard]] absl::Status Read(size_t max_bytes, size_t max_lines, OwnedLines& out);
  // What was read so far is dealt with.
  [[nodiscard]] absl::Status Done();
  // What was read and not Done() is read again.
  void Again() { read_ = done_; }

  Position end() const;
  Position done() const { return done_; }  // for the reader
  uint64_t bytes() const;
  uint64_t damaged() const { return damaged_.load(std::memory_order_relaxed); }  // frames

 private:
  struct Segment {
    uint64_t number = 0;
    uint64_t size = 0;
  };
  // Where and how large a frame is; its bytes are in reader_.
  struct Frame {
    uint64_t payload_at = 0;
    uint32_t payload_size = 0;
    uint32_t lines = 0;
    uint64_t checksum = 0;
  };

  Spool(base::Env& env, SpoolOptions options, std::unique_ptr<base::FileLock> lock)
      : env_(env), options_(std::move(options)), lock_(std::move(lock)) {}
  absl::Status Load();
  absl::Status Adopt(const std::string& dir);
  std::string Path(uint64_t number) const;
  uint64_t SegmentBytes() const;
  absl::Status NewSegment() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status AppendFrame(std::string_view payload, size_t lines) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // The segment in which read_ lies, or the next that has something; false: all has been read.
  bool FindSegment(Segment& segment, bool& closed);
  absl::Status OpenReader(const Segment& segment);
  bool ParseFrame(std::string_view head, uint64_t offset, Frame& frame) const;
  // Of the frames from read_.offset on, the first that looks like one.
  absl::Status SkipDamage(const Segment& segment);
  absl::Status ReadFrame(const Segment& segment, OwnedLines& out);
  absl::Status WriteCursor() const;

  base::Env& env_;
  const SpoolOptions options_;
  const std::unique_ptr<base::FileLock> lock_;

  mutable absl::Mutex mutex_;
  std::deque<Segment> segments_ ABSL_GUARDED_BY(mutex_);  // the last is written when active_ is set
  std::unique_ptr<base::WritableFile> active_ ABSL_GUARDED_BY(mutex_);
  uint64_t active_id_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t next_number_ ABSL_GUARDED_BY(mutex_) = 1;

  // The reader's.
  std::unique_ptr<base::RandomAccessFile> reader_;
  uint64_t reader_number_ = 0;
  uint64_t reader_id_ = 0;
  Position read_;
  Position done_;
  std::atomic<uint64_t> damaged_{0};  // read by anyone
};

}  // namespace taffrail::sink
