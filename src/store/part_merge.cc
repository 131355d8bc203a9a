#include "store/part_merge.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "store/ordered_merge.h"

namespace taffrail::store {
namespace {

struct BlockRef {
  const Part* part;
  size_t block;
  const BlockSummary& summary() const { return part->blocks()[block].summary; }
};

// Worth keeping as it is: at least half as large as a block can be.
bool IsLarge(const BlockSummary& block) {
  return block.rows >= record::kMaxBatchRows / 2 || block.line_bytes >= record::kMaxBatchBytes / 2;
}

RowSource SourceOf(const BlockRef& ref) {
  const auto open = [ref](OpenedRows& opened) -> absl::Status {
    TAFFRAIL_ASSIGN_OR_RETURN(BlockReader reader, ref.part->OpenBlock(ref.block));
    TAFFRAIL_RETURN_IF_ERROR(reader.LoadAll());
    opened.rows.resize(reader.batch().rows());
    std::iota(opened.rows.begin(), opened.rows.end(), 0);
    opened.batch = std::make_shared<const record::RecordBatch>(std::move(reader).TakeBatch());
    return absl::OkStatus();
  };
  return {ref.summary().min_timestamp_ns, ref.summary().max_timestamp_ns, open};
}

absl::Status MergeBlocks(const std::vector<BlockRef>& refs, DayPartsWriter& writer,
                         const std::atomic<bool>& stop) {
  std::vector<RowSource> sources;
  sources.reserve(refs.size());
  for (const BlockRef& ref : refs) sources.push_back(SourceOf(ref));
  const auto add = [&](const record::RecordBatch& batch,
                       const expr::Selection& rows) -> absl::StatusOr<bool> {
    if (stop.load()) return absl::CancelledError("the store is closing");
    TAFFRAIL_RETURN_IF_ERROR(writer.Add(batch, rows));
    return true;
  };
  return MergeInOrder(std::move(sources), /*descending=*/false, add);
}

}  // namespace

absl::Status MergeParts(const PartList& parts, DayPartsWriter& writer, const std::atomic<bool>& stop) {
  std::vector<BlockRef> refs;
  for (const auto& part : parts) {
    for (size_t block = 0; block < part->blocks().size(); ++block) refs.push_back({part.get(), block});
  }
  std::stable_sort(refs.begin(), refs.end(), [](const BlockRef& a, const BlockRef& b) {
    return a.summary().min_timestamp_ns < b.summary().min_timestamp_ns;
  });
  std::vector<BlockRef> pending;  // to be decoded
  int64_t latest_ns = INT64_MIN;  // of all blocks before
  for (size_t i = 0; i < refs.size(); ++i) {
    const BlockSummary& block = refs[i].summary();
    const bool overlaps_earlier = i > 0 && block.min_timestamp_ns <= latest_ns;
    const bool overlaps_later =
        i + 1 < refs.size() && refs[i + 1].summary().min_timestamp_ns <= block.max_timestamp_ns;
    latest_ns = std::max(latest_ns, block.max_timestamp_ns);
    if (overlaps_earlier || overlaps_later || !IsLarge(block)) {
      pending.push_back(refs[i]);
      continue;
    }
    TAFFRAIL_RETURN_IF_ERROR(MergeBlocks(pending, writer, stop));
    pending.clear();
    if (stop.load()) return absl::CancelledError("the store is closing");
    TAFFRAIL_RETURN_IF_ERROR(writer.Copy(*refs[i].part, refs[i].block));
  }
  return MergeBlocks(pending, writer, stop);
}

}  // namespace taffrail::store
