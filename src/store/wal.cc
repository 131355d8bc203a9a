#include "store/wal.h"

#include <fmt/format.h>

#include <utility>

#include "base/bytes.h"
#include "store/block_writer.h"
#include "store/wal_format.h"

namespace taffrail::store {
namespace {

// Chosen by measuring (docs/decisions/): the WAL is written once and read only after a crash, so speed is
// what counts.
constexpr int kWalZstdLevel = -3;

}  // namespace

std::string EncodeWalEntry(const record::RecordBatch& batch, uint64_t& line_bytes) {
  std::string block;
  BlockSummary summary;
  EncodeBlock(batch,
              {.zstd_level = kWalZstdLevel,
               .text_zstd_level = kWalZstdLevel,
               .effort = Effort::kFast,
               .shared_frame_bytes = size_t{256} << 10},
              block, summary, /*words=*/nullptr);
  line_bytes = summary.line_bytes;
  return block;
}

Wal::Wal(base::Env& env, std::string dir, WalReplay replay)
    : env_(env),
      dir_(std::move(dir)),
      next_id_(replay.next_segment_id),
      last_(replay.last),
      repeated_(std::move(replay.repeated)),
      segments_(std::move(replay.segments)) {}

absl::Status Wal::StartSegment() {
  const uint64_t id = next_id_++;
  const std::string path = base::JoinPath(dir_, WalName(id));
  TAFFRAIL_ASSIGN_OR_RETURN(auto log, FramedLogWriter::Create(env_, path, id));
  absl::Status status = log->Append(kWalBegin, [&](std::string& out) {
    base::PutVarint(out, last_.id);
    base::PutVarint(out, last_.bytes);
    out.append(repeated_);
  });
  if (status.ok()) status = env_.SyncDir(dir_);
  if (!status.ok()) {
    // Its "begin" may be on the disk, but no group follows it there. If it cannot be removed now, the next
    // start will.
    log = nullptr;
    env_.Remove(path).IgnoreError();
    return status;
  }
  log_ = std::move(log);
  const uint64_t end_sequence = last_.end_sequence;  // of the repeated group
  last_ = {.id = id, .end_sequence = end_sequence, .bytes = log_->durable_size()};
  std::string().swap(repeated_);
  absl::MutexLock lock(&mutex_);
  segments_.push_back(last_);
  return absl::OkStatus();
}

absl::Status Wal::Append(uint64_t first_sequence, const std::vector<WalEntry>& entries) {
  if (log_ == nullptr) TAFFRAIL_RETURN_IF_ERROR(StartSegment());
  uint64_t end_sequence = first_sequence;
  absl::Status status = log_->Append(kWalGroup, [&](std::string& out) {
    base::PutVarint(out, first_sequence);
    base::PutVarint(out, entries.size());
    for (const WalEntry& entry : entries) {
      base::PutVarint(out, entry.rows);
      base::PutString(out, entry.block);
      end_sequence += entry.rows;
    }
  });
  if (!status.ok()) {
    log_ = nullptr;
    return status;
  }
  last_.bytes = log_->durable_size();
  last_.end_sequence = end_sequence;
  absl::MutexLock lock(&mutex_);
  segments_.back() = last_;
  return absl::OkStatus();
}

absl::Status Wal::RemoveFlushed(uint64_t flushed_sequence) {
  std::vector<WalSegment> gone;
  {
    absl::MutexLock lock(&mutex_);
    while (segments_.size() > 1 && segments_.front().end_sequence <= flushed_sequence) {
      gone.push_back(segments_.front());
      segments_.erase(segments_.begin());
    }
  }
  absl::Status first_error;
  for (const WalSegment& segment : gone)
    first_error.Update(env_.Remove(base::JoinPath(dir_, WalName(segment.id))));
  return first_error;
}

uint64_t Wal::Bytes() const {
  absl::MutexLock lock(&mutex_);
  uint64_t bytes = 0;
  for (const WalSegment& segment : segments_) bytes += segment.bytes;
  return bytes;
}

}  // namespace taffrail::store
