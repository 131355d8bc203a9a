#include "store/part_check.h"

#include <fmt/format.h>

#include <tuple>
#include <utility>

#include "store/block_directory.h"
#include "store/block_reader.h"
#include "store/frame.h"

namespace taffrail::store {
namespace {

// Salvage holds the file in memory; a part of this size has a hundred million rows.
constexpr uint64_t kMaxSalvageBytes = uint64_t{8} << 30;

// How many bytes the block that starts `data` has, by its directory; 0 when none starts there.
size_t BlockBytesAt(std::string_view data) {
  std::string raw;
  size_t total = 0;
  BlockDirectory directory;
  if (!ReadFrame(data, raw, &total).ok() || !BlockDirectory::Parse(raw, directory)) return 0;
  for (const uint32_t bytes : directory.frame_bytes) total += bytes;
  return directory.rows > 0 && total <= data.size() ? total : 0;
}

}  // namespace

absl::Status CheckBlock(const Part& part, size_t block) {
  TAFFRAIL_RETURN_IF_ERROR(part.ReadRaw(block).status());
  TAFFRAIL_ASSIGN_OR_RETURN(BlockReader reader, part.OpenBlock(block));
  TAFFRAIL_RETURN_IF_ERROR(reader.LoadAll());
  const record::RecordBatch& batch = reader.batch();
  const BlockInfo& info = part.blocks()[block];
  const auto damaged = [&](std::string_view what) {
    return absl::DataLossError(fmt::format("{}: at byte {}: {}", part.path(), info.offset, what));
  };
  if (batch.timestamp_ns.front() != info.summary.min_timestamp_ns ||
      batch.timestamp_ns.back() != info.summary.max_timestamp_ns) {
    return damaged("the times are not those that the footer says");
  }
  for (size_t row = 1; row < batch.rows(); ++row) {
    if (std::tie(batch.timestamp_ns[row - 1], batch.sequence[row - 1]) >=
        std::tie(batch.timestamp_ns[row], batch.sequence[row])) {
      return damaged("rows are out of order");
    }
  }
  if (DayOf(batch.timestamp_ns.front()) != part.meta().day ||
      DayOf(batch.timestamp_ns.back()) != part.meta().day) {
    return damaged("rows of another day");
  }
  return absl::OkStatus();
}

absl::Status SalvageBlocks(base::Env& env, const std::string& path, const SalvageVisitor& visit) {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string data, base::ReadFile(env, path, kMaxSalvageBytes));
  const std::string_view bytes = data;
  for (size_t offset = 0; offset < bytes.size();) {
    const size_t size = BlockBytesAt(bytes.substr(offset));
    if (size == 0) {
      ++offset;
      continue;
    }
    absl::StatusOr<BlockReader> reader = BlockReader::Open(BlockBytes(bytes.substr(offset, size), path), 0);
    if (reader.ok() && reader->LoadAll().ok() && reader->batch().sequence.size() == reader->batch().rows()) {
      TAFFRAIL_RETURN_IF_ERROR(visit(std::move(*reader).TakeBatch(), offset));
    }
    offset += size;
  }
  return absl::OkStatus();
}

}  // namespace taffrail::store
