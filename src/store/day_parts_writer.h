// Cuts a stream of rows in order into parts by day, and into blocks of even size.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "expr/matcher.h"
#include "record/batch_gather.h"
#include "store/part_writer.h"

namespace taffrail::store {

// Half of what a batch may have. A block is what a look-up pays for: some of its columns are decoded whole
// for a single row, and 64 Ki rows made an id that no cache knows half as dear again. With fewer than these,
// scans begin to pay for heads and dictionaries (docs/decisions/0032-looking-up-an-id.md).
inline constexpr size_t kMaxBlockRows = record::kMaxBatchRows / 2;

class DayPartsWriter {
 public:
  struct Options {
    base::Env* env;
    std::string dir;
    std::function<uint64_t()> next_id;
    std::vector<uint64_t> replaced;           // for every part
    std::map<int32_t, uint64_t> rows_by_day;  // when known, blocks of a day come out even
    EncodingMemory* memory = nullptr;         // of earlier parts; null: none
  };
  explicit DayPartsWriter(Options options);

  // REQUIRES: rows ascending, and on no day before those added earlier.
  [[nodiscard]] absl::Status Add(const record::RecordBatch& batch, const expr::Selection& rows);
  // What is added later goes to another block, and may then be of any time of the day.
  [[nodiscard]] absl::Status EndBlock() { return WriteBlock(); }
  // A whole block, as it is, wherever its rows belong. REQUIRES: part.index() is not null, and the part
  // outlives this.
  [[nodiscard]] absl::Status Copy(const Part& part, size_t block);
  // The parts, durable, their names included.
  absl::StatusOr<std::vector<std::shared_ptr<Part>>> Finish();
  // Written so far, to all parts.
  uint64_t bytes() const { return finished_bytes_ + (writer_ == nullptr ? 0 : writer_->bytes()); }
  // Ids of the files written so far, finished or not.
  const std::vector<uint64_t>& ids() const { return ids_; }

 private:
  absl::Status EnterDay(int32_t day);
  absl::Status WriteBlock();
  absl::Status FinishPart();
  size_t BlockRows() const;

  const Options options_;
  std::optional<int32_t> day_;
  std::unique_ptr<PartWriter> writer_;
  record::BatchGather gather_;
  std::vector<uint64_t> ids_;
  std::vector<uint64_t> finished_;
  uint64_t finished_bytes_ = 0;
};

}  // namespace taffrail::store
