// Which parts make up the store, and how far the WAL has been flushed into them.
//
// The file MANIFEST is a framed log (framed_log.h) of edits; its first record is the whole state. An edit is
// applied as a whole or not at all, so registering the parts of a flush, or swapping merged parts, is atomic.
//
//   edit := varint flushed sequence | varint next part id
//           varint removed parts, each: varint id
//           varint added parts, each: varint id, zigzag day, varint rows, blocks, file bytes, line bytes,
//           zigzag min and max timestamp, varint min and max sequence
//           varint parts with deleted rows, each: varint id, number of the file, rows
//                                                                          docs/format/manifest.md
//
// After a failed write nobody knows what the disk holds, so the next commit writes a new file and renames it
// over the old one. That also happens at every opening and when the log has grown.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "store/framed_log.h"
#include "store/part.h"

namespace taffrail::store {

struct ManifestState {
  uint64_t flushed_sequence = 0;  // rows with smaller numbers are in parts
  uint64_t next_part_id = 1;      // greater than any that was ever used
  std::map<uint64_t, PartMeta> parts;
};

struct ManifestEdit {
  uint64_t flushed_sequence = 0;  // never goes back
  uint64_t next_part_id = 0;
  std::vector<uint64_t> removed;
  std::vector<PartMeta> added;
  // Parts with deleted rows, added ones among them.
  struct Deletes {
    uint64_t part = 0;
    uint64_t number = 0;  // of the file that counts
    uint64_t rows = 0;    // that it takes away, all together
  };
  std::vector<Deletes> deletes;

  void AppendTo(std::string& out) const;
  // with_deletes: what version 1 did not write.
  [[nodiscard]] static bool Parse(std::string_view data, bool with_deletes, ManifestEdit& edit);
  // False when it removes a part that is not there, adds one that is, or deletes rows of none.
  [[nodiscard]] bool ApplyTo(ManifestState& state) const;
};

// Not thread-safe.
class Manifest {
 public:
  static std::string Path(const std::string& dir);

  // NotFound when there is no manifest. DataLoss names file and offset.
  static absl::StatusOr<ManifestState> Read(base::Env& env, const std::string& dir);

  // Continues from `state`, writing it as a new file.
  static absl::StatusOr<std::unique_ptr<Manifest>> Start(base::Env& env, const std::string& dir,
                                                         ManifestState state);
  // The same, but writes nothing before MakeDurable or Commit is called.
  static std::unique_ptr<Manifest> Continue(base::Env& env, const std::string& dir, ManifestState state);
  [[nodiscard]] absl::Status MakeDurable() { return log_ == nullptr ? Rewrite(state_) : absl::OkStatus(); }

  // Durable when ok. After an error the edit may or may not be found after a crash: files that it names, and
  // files that it removes, must stay until a later commit succeeds.
  [[nodiscard]] absl::Status Commit(const ManifestEdit& edit);

  const ManifestState& state() const { return state_; }
  uint64_t file_bytes() const { return log_ == nullptr ? 0 : log_->durable_size(); }

 private:
  Manifest(base::Env& env, std::string dir, ManifestState state);
  absl::Status Rewrite(const ManifestState& state);

  base::Env& env_;
  const std::string dir_;
  ManifestState state_;
  uint64_t log_id_ = 0;
  std::unique_ptr<FramedLogWriter> log_;  // null: rewrite at the next commit
};

}  // namespace taffrail::store
