// Writes a part file (part.h), a block at a time and in any order.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "record/batch.h"
#include "store/block_writer.h"
#include "store/id_hashes.h"
#include "store/id_index_writer.h"
#include "store/part.h"

namespace taffrail::store {

class PartWriter {
 public:
  // `replaced`: the parts this one is merged from. `memory`: of encodings; null: none.
  static absl::StatusOr<std::unique_ptr<PartWriter>> Create(base::Env& env, const std::string& dir,
                                                            uint64_t id, std::vector<uint64_t> replaced,
                                                            EncodingMemory* memory = nullptr);
  ~PartWriter();  // removes the file when it was not finished

  // REQUIRES: rows in order of timestamp and sequence, all of one day; not Full().
  [[nodiscard]] absl::Status Add(const record::RecordBatch& batch);
  // A block of another part, as it is. REQUIRES: part.index() is not null, and the part outlives this.
  [[nodiscard]] absl::Status Copy(const Part& part, size_t block);
  // Writes the footer and syncs the file; its name is durable after a SyncDir. The part may be opened.
  [[nodiscard]] absl::Status Finish();

  uint64_t id() const { return id_; }
  uint64_t bytes() const { return offset_; }  // written so far
  // Nothing more may be added: the index has no room.
  bool Full() const { return index_.Full() || footer_.blocks.size() + 1 >= kMaxPartBlocks; }

 private:
  PartWriter(base::Env& env, std::string path, uint64_t id, std::unique_ptr<base::WritableFile> file,
             EncodingMemory* memory);
  absl::Status Write(std::string_view bytes);
  absl::Status WriteIndex();

  base::Env& env_;
  const std::string path_;
  const uint64_t id_;
  std::unique_ptr<base::WritableFile> file_;
  EncodingMemory* const memory_;
  uint64_t offset_ = 0;
  bool finished_ = false;
  PartFooter footer_;
  IdHashes ids_;
  IdIndexWriter index_;
  std::string buffer_;
};

}  // namespace taffrail::store
