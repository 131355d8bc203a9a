// The rows of a part that were deleted, until a merge leaves them out for good.
//
//   part-<id>-<number>.tfd := "TFDEL\0\0" u8 version(1) | frame of:                     docs/format/part.md
//     varint part id | varint number
//     varint blocks, each: varint block, varint offset of the block in the part,
//                          varint rows, each: varint distance from the row before, less one (the first: its
//                          number)
//
// The file is written once and never changed: a later delete writes another with all rows, and the manifest
// says which one counts.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "expr/matcher.h"

namespace taffrail::store {

std::string DeletedRowsName(uint64_t part, uint64_t number);  // "part-000000000042-000000000057.tfd"
bool ParseDeletedRowsName(const std::string& name, uint64_t& part, uint64_t& number);

// Immutable once it is read or written, and then safe from any thread.
class DeletedRows {
 public:
  struct Block {
    uint64_t offset = 0;         // in the part: how salvage recognizes it
    std::vector<uint32_t> rows;  // ascending
  };

  DeletedRows(uint64_t part, uint64_t number) : part_(part), number_(number) {}
  ~DeletedRows();  // removes the file when it was Abandon()ed
  DeletedRows(const DeletedRows&) = delete;
  DeletedRows& operator=(const DeletedRows&) = delete;

  // NotFound, DataLoss with the place.
  static absl::StatusOr<std::shared_ptr<DeletedRows>> Read(base::Env& env, const std::string& dir,
                                                           uint64_t part, uint64_t number);
  // Durable when ok, but for the name, which a SyncDir makes so.
  [[nodiscard]] absl::Status Write(base::Env& env, const std::string& dir);
  // Only before it is shared. `rows` ascend; those that are there already may be among them.
  void Add(uint32_t block, uint64_t offset, const expr::Selection& rows);

  uint64_t number() const { return number_; }
  uint64_t count() const { return count_; }
  const std::map<uint32_t, Block>& blocks() const { return blocks_; }
  bool Has(uint32_t block) const { return blocks_.contains(block); }
  // Takes the deleted rows of the block out of `rows`.
  void Erase(uint32_t block, expr::Selection& rows) const;

  std::string Path(const std::string& dir) const;
  void Abandon() { abandoned_.store(true); }

  void AppendTo(std::string& out) const;
  [[nodiscard]] bool Parse(std::string_view data);  // of this part and number

 private:
  const uint64_t part_;
  const uint64_t number_;
  uint64_t count_ = 0;
  std::map<uint32_t, Block> blocks_;
  base::Env* env_ = nullptr;  // once there is a file
  std::string path_;
  std::atomic<bool> abandoned_ = false;
};

}  // namespace taffrail::store
