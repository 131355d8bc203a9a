#include "store/part_merge.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "store/ordered_merge.h"

namespace taffrail::store {
namespace {

// So many blocks may overlap at one time without being sorted anew: an ordered scan holds as many decoded.
constexpr size_t kMaxOverlap = 6;

struct BlockRef {
  const Part* part;
  size_t block;
  const BlockSummary& summary() const { return part->blocks()[block].summary; }
};

// Worth keeping as it is: at least half as large as a block can be.
bool IsLarge(const BlockSummary& block) {
  return block.rows >= kMaxBlockRows / 2 || block.line_bytes >= record::kMaxBatchBytes / 2;
}

RowSource SourceOf(const BlockRef& ref) {
  const auto open = [ref](OpenedRows& opened) -> absl::Status {
    TAFFRAIL_ASSIGN_OR_RETURN(BlockReader reader, ref.part->OpenBlock(ref.block));
    TAFFRAIL_RETURN_IF_ERROR(reader.LoadAll());
    opened.rows.resize(reader.batch().rows());
    std::iota(opened.rows.begin(), opened.rows.end(), 0);
    ref.part->EraseDeleted(ref.block, opened.rows);
    opened.batch = std::make_shared<const record::RecordBatch>(std::move(reader).TakeBatch());
    return absl::OkStatus();
  };
  return {ref.summary().min_timestamp_ns, ref.summary().max_timestamp_ns, open};
}

absl::Status MergeBlocks(const std::vector<BlockRef>& refs, DayPartsWriter& writer,
                         const std::atomic<bool>& stop, MergePace* pace) {
  std::vector<RowSource> sources;
  sources.reserve(refs.size());
  for (const BlockRef& ref : refs) sources.push_back(SourceOf(ref));
  const auto add = [&](const record::RecordBatch& batch,
                       const expr::Selection& rows) -> absl::StatusOr<bool> {
    if (stop.load()) return absl::CancelledError("the store is closing");
    TAFFRAIL_RETURN_IF_ERROR(writer.Add(batch, rows));
    if (pace != nullptr) pace->WroteInAll(writer.bytes());
    return true;
  };
  return MergeInOrder(std::move(sources), /*descending=*/false, add);
}

// Chooses the blocks to decode. Blocks may overlap in time within a part, a few deep: scans bring their rows
// into order anyway. Decoding every block of data that arrives nearly in order, for the sake of a few rows at
// its edges, would cost more than all else that happens to it.
std::vector<BlockRef> TakeBlocksToDecode(std::vector<BlockRef>& refs) {
  std::stable_sort(refs.begin(), refs.end(), [](const BlockRef& a, const BlockRef& b) {
    return a.summary().min_timestamp_ns < b.summary().min_timestamp_ns;
  });
  std::vector<bool> decode(refs.size());
  std::vector<size_t> open;  // whose times reach to here
  for (size_t i = 0; i < refs.size(); ++i) {
    const BlockSummary& block = refs[i].summary();
    decode[i] =
        !IsLarge(block) || refs[i].part->index() == nullptr || refs[i].part->HasDeleted(refs[i].block);
    std::erase_if(open, [&](size_t earlier) {
      return refs[earlier].summary().max_timestamp_ns < block.min_timestamp_ns;
    });
    open.push_back(i);
    if (open.size() <= kMaxOverlap) continue;
    for (const size_t overlapping : open) decode[overlapping] = true;
    open.clear();
  }
  std::vector<BlockRef> decoded;
  std::vector<BlockRef> copied;
  for (size_t i = 0; i < refs.size(); ++i) (decode[i] ? decoded : copied).push_back(refs[i]);
  refs = std::move(copied);
  return decoded;
}

}  // namespace

absl::Status MergeParts(const PartList& parts, DayPartsWriter& writer, const std::atomic<bool>& stop,
                        MergePace* pace) {
  std::vector<BlockRef> copied;
  for (const auto& part : parts) {
    for (size_t block = 0; block < part->blocks().size(); ++block) copied.push_back({part.get(), block});
  }
  const std::vector<BlockRef> decoded = TakeBlocksToDecode(copied);
  TAFFRAIL_RETURN_IF_ERROR(MergeBlocks(decoded, writer, stop, pace));
  for (const BlockRef& ref : copied) {
    if (stop.load()) return absl::CancelledError("the store is closing");
    TAFFRAIL_RETURN_IF_ERROR(writer.Copy(*ref.part, ref.block));
    if (pace != nullptr) pace->WroteInAll(writer.bytes());
  }
  return absl::OkStatus();
}

}  // namespace taffrail::store
