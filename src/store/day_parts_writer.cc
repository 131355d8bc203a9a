#include "store/day_parts_writer.h"

#include <algorithm>
#include <utility>

namespace taffrail::store {

DayPartsWriter::DayPartsWriter(Options options) : options_(std::move(options)) {}

// Rows a block of the current day: as many as fit, but so that the last one is no smaller than the others.
size_t DayPartsWriter::BlockRows() const {
  const auto found = options_.rows_by_day.find(*day_);
  if (found == options_.rows_by_day.end() || found->second == 0) return kMaxBlockRows;
  const uint64_t blocks = (found->second + kMaxBlockRows - 1) / kMaxBlockRows;
  return (found->second + blocks - 1) / blocks;
}

absl::Status DayPartsWriter::EnterDay(int32_t day) {
  if (day_ == day && !(writer_->Full() && gather_.rows() == 0)) return absl::OkStatus();
  TAFFRAIL_RETURN_IF_ERROR(FinishPart());
  const uint64_t id = options_.next_id();
  ids_.push_back(id);
  TAFFRAIL_ASSIGN_OR_RETURN(
      writer_, PartWriter::Create(*options_.env, options_.dir, id, options_.replaced, options_.memory));
  day_ = day;
  gather_.Expect(options_.rows_by_day.contains(day) ? BlockRows() : 0);
  return absl::OkStatus();
}

absl::Status DayPartsWriter::WriteBlock() {
  if (gather_.rows() == 0) return absl::OkStatus();
  return writer_->Add(gather_.Finish());
}

absl::Status DayPartsWriter::FinishPart() {
  if (writer_ == nullptr) return absl::OkStatus();
  TAFFRAIL_RETURN_IF_ERROR(WriteBlock());
  TAFFRAIL_RETURN_IF_ERROR(writer_->Finish());
  finished_.push_back(writer_->id());
  finished_bytes_ += writer_->bytes();
  writer_ = nullptr;
  day_.reset();
  return absl::OkStatus();
}

absl::Status DayPartsWriter::Add(const record::RecordBatch& batch, const expr::Selection& rows) {
  record::BatchGather::Source source(batch);
  for (size_t i = 0; i < rows.size();) {
    const int32_t day = DayOf(batch.timestamp_ns[rows[i]]);
    TAFFRAIL_RETURN_IF_ERROR(EnterDay(day));
    // As long a run of neighbours as the day and the block take.
    const size_t limit = std::min(rows.size(), i + std::max<size_t>(BlockRows() - gather_.rows(), 1));
    const int64_t last_ns = day == DayOf(INT64_MAX) ? INT64_MAX : (int64_t{day} + 1) * kDayNs - 1;
    size_t end = i + 1;
    while (end < limit && rows[end] == rows[end - 1] + 1 && batch.timestamp_ns[rows[end]] <= last_ns) ++end;
    const size_t taken = gather_.Append(source, rows[i], rows[i] + (end - i));
    i += taken;
    if (taken == 0 || gather_.Full() || gather_.rows() >= BlockRows()) TAFFRAIL_RETURN_IF_ERROR(WriteBlock());
  }
  return absl::OkStatus();
}

absl::Status DayPartsWriter::Copy(const Part& part, size_t block) {
  TAFFRAIL_RETURN_IF_ERROR(EnterDay(DayOf(part.blocks()[block].summary.min_timestamp_ns)));
  TAFFRAIL_RETURN_IF_ERROR(WriteBlock());
  return writer_->Copy(part, block);
}

absl::StatusOr<std::vector<std::shared_ptr<Part>>> DayPartsWriter::Finish() {
  TAFFRAIL_RETURN_IF_ERROR(FinishPart());
  TAFFRAIL_RETURN_IF_ERROR(options_.env->SyncDir(options_.dir));
  std::vector<std::shared_ptr<Part>> parts;
  for (const uint64_t id : finished_) {
    TAFFRAIL_ASSIGN_OR_RETURN(parts.emplace_back(), Part::Open(*options_.env, options_.dir, id));
  }
  return parts;
}

}  // namespace taffrail::store
