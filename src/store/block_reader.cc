#include "store/block_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "store/column_rows.h"
#include "store/frame.h"
#include "store/int_encoding.h"
#include "store/string_encoding.h"

namespace taffrail::store {
namespace {

// Frames this near to each other in the file are fetched by one read: a system call and a disk's seek cost
// more than copying what lies between.
constexpr uint64_t kReadGapBytes = uint64_t{32} << 10;

}  // namespace

absl::StatusOr<std::string_view> BlockBytes::Read(uint64_t offset, size_t size,
                                                  std::unique_ptr<char[]>& buffer) const {
  if (offset > size_ || size > size_ - offset) return Damaged(offset, "block ends before its frame");
  if (file_ == nullptr) return memory_.substr(offset, size);
  buffer = std::make_unique_for_overwrite<char[]>(size);
  TAFFRAIL_RETURN_IF_ERROR(file_->Read(offset_ + offset, size, buffer.get()));
  return std::string_view(buffer.get(), size);
}

absl::Status BlockBytes::Damaged(uint64_t offset, std::string_view what) const {
  return absl::DataLossError(fmt::format("{}: at byte {}: {}", *name_, offset_ + offset, what));
}

absl::StatusOr<BlockReader> BlockReader::OpenDirectory(const BlockBytes& bytes, size_t directory_bytes) {
  BlockReader reader(bytes);
  TAFFRAIL_RETURN_IF_ERROR(reader.ReadDirectory(directory_bytes));
  TAFFRAIL_RETURN_IF_ERROR(reader.BuildShapes());
  reader.used_.resize(reader.batch_.columns.size());
  return reader;
}

absl::StatusOr<BlockReader> BlockReader::Open(const BlockBytes& bytes, size_t directory_bytes, bool times) {
  TAFFRAIL_ASSIGN_OR_RETURN(BlockReader reader, OpenDirectory(bytes, directory_bytes));
  TAFFRAIL_RETURN_IF_ERROR(reader.LoadHeads());
  if (times) TAFFRAIL_RETURN_IF_ERROR(reader.LoadTimes());
  return reader;
}

absl::Status BlockReader::ReadDirectory(size_t directory_bytes) {
  std::unique_ptr<char[]> buffer;
  const size_t ask = directory_bytes == 0 ? bytes_.size() : directory_bytes;
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string_view stored, bytes_.Read(0, ask, buffer));
  std::string raw;
  size_t frame_bytes = 0;
  if (const absl::Status status = ReadFrame(stored, raw, &frame_bytes); !status.ok()) {
    return bytes_.Damaged(0, fmt::format("directory: {}", std::string(status.message())));
  }
  if (!BlockDirectory::Parse(raw, directory_)) return bytes_.Damaged(0, "directory makes no sense");
  bytes_read_ += frame_bytes;
  bytes_decoded_ += raw.size();
  uint64_t offset = frame_bytes;
  for (const uint32_t size : directory_.frame_bytes) {
    frame_offset_.push_back(offset);
    offset += size;
  }
  frame_offset_.push_back(offset);
  if (offset != bytes_.size()) return bytes_.Damaged(0, "frames do not fill the block");
  return absl::OkStatus();
}

absl::Status BlockReader::BuildShapes() {
  batch_.streams = directory_.streams;
  std::map<record::ColumnKey, uint32_t> index;
  for (const ColumnEntry& entry : directory_.columns) {
    const auto column = static_cast<uint32_t>(batch_.columns.size());
    if (!index.emplace(entry.key, column).second) return bytes_.Damaged(0, "column occurs twice");
    record::Column& to = batch_.columns.emplace_back();
    to.key = entry.key;
    to.loaded = false;
  }
  batch_.shapes.resize(directory_.skeletons.size());
  std::vector<record::ColumnKey> keys;
  for (size_t s = 0; s < batch_.shapes.size(); ++s) {
    record::Shape& shape = batch_.shapes[s];
    if (!record::ParseSkeleton(directory_.skeletons[s], shape, keys)) {
      return bytes_.Damaged(0, "shape makes no sense");
    }
    for (size_t h = 0; h < keys.size(); ++h) {
      const auto found = index.find(keys[h]);
      if (found == index.end()) return bytes_.Damaged(0, "shape names a column that is not there");
      shape.holes[h].column = found->second;
    }
  }
  return absl::OkStatus();
}

absl::Status BlockReader::LoadHeads() {
  if (has_heads_) return absl::OkStatus();
  has_heads_ = true;
  intact_ = false;
  std::vector<Wanted> wanted;
  const auto want = [&](const Chunk& chunk, size_t end, std::vector<uint32_t>& to) {
    if (chunk.frame == Chunk::kNone) return;
    wanted.push_back(
        {.chunk = chunk, .numbers = &to, .numbers_end = end, .values = directory_.rows, .keep = true});
  };
  want(directory_.stream_ids, batch_.streams.size(), batch_.stream);
  want(directory_.shape_ids, batch_.shapes.size(), batch_.shape);
  TAFFRAIL_RETURN_IF_ERROR(LoadChunks(wanted));
  TAFFRAIL_RETURN_IF_ERROR(CheckHeads());
  intact_ = true;
  return absl::OkStatus();
}

absl::Status BlockReader::LoadTimes() {
  if (has_times_) return absl::OkStatus();
  has_times_ = true;
  std::vector<int64_t> sequences;
  std::vector<Wanted> wanted;
  Want(directory_.timestamps, batch_.timestamp_ns, wanted);
  Want(directory_.sequences, sequences, wanted);
  absl::Status status = LoadChunks(wanted);
  batch_.sequence.assign(sequences.begin(), sequences.end());
  if (status.ok() && batch_.timestamp_ns.size() != directory_.rows) {
    status = bytes_.Damaged(0, "rows without timestamp");
  }
  intact_ = intact_ && status.ok();
  return status;
}

void BlockReader::Want(const Chunk& chunk, std::vector<int64_t>& to, std::vector<Wanted>& wanted) const {
  if (chunk.frame == Chunk::kNone) return;
  wanted.push_back({.chunk = chunk, .integers = &to, .values = directory_.rows});
}

// Every column must have as many values as the rows' shapes have holes for it.
absl::Status BlockReader::CheckHeads() {
  if (batch_.shape.size() != directory_.rows) return bytes_.Damaged(0, "rows without shape");
  shape_counts_.Count(batch_.shape, batch_.shapes.size());
  const std::span<const uint32_t> shape_rows = shape_counts_.total();
  std::vector<uint64_t> values(batch_.columns.size());
  for (size_t s = 0; s < batch_.shapes.size(); ++s) {
    for (const record::Hole& hole : batch_.shapes[s].holes) values[hole.column] += shape_rows[s];
  }
  for (size_t c = 0; c < values.size(); ++c) {
    if (values[c] != directory_.columns[c].values)
      return bytes_.Damaged(0, "column has a wrong number of values");
  }
  return absl::OkStatus();
}

absl::Status BlockReader::Load(const std::function<bool(const record::Column&)>& need) {
  std::vector<Wanted> wanted;
  for (size_t c = 0; c < batch_.columns.size(); ++c) {
    record::Column& column = batch_.columns[c];
    if (!need(column)) continue;
    used_[c] = 1;
    if (column.loaded) continue;
    const ColumnEntry& entry = directory_.columns[c];
    column.loaded = true;
    if (entry.chunk.frame == Chunk::kNone) {
      if (entry.values == 0) continue;
      intact_ = false;
      return bytes_.Damaged(0, "column without chunk");
    }
    wanted.push_back({.chunk = entry.chunk, .column = &column, .number = c, .values = entry.values});
  }
  absl::Status status = LoadChunks(wanted);
  intact_ = intact_ && status.ok();
  return status;
}

size_t BlockReader::FinishUse(size_t max_bytes) {
  bytes_read_ = 0;
  bytes_decoded_ = 0;
  size_t bytes = MemoryBytes();
  if (bytes > max_bytes) {
    kept_.Clear();
    bytes = MemoryBytes();
  }
  for (const uint8_t used : {0, 1}) {
    if (bytes <= max_bytes) break;
    for (size_t c = 0; c < used_.size(); ++c) {
      record::Column& column = batch_.columns[c];
      if (!column.loaded || used_[c] != used) continue;
      column = {.key = std::move(column.key), .loaded = false};
    }
    bytes = MemoryBytes();
  }
  if (bytes > max_bytes) {
    batches_.Clear();
    answers_.Clear();
    bytes = MemoryBytes();
  }
  std::fill(used_.begin(), used_.end(), 0);
  return bytes;
}

size_t BlockReader::MemoryBytes() const {
  return sizeof(*this) + batch_.MemoryBytes() + shape_counts_.MemoryBytes() + kept_.MemoryBytes() +
         answers_.MemoryBytes() + batches_.MemoryBytes() +
         directory_.columns.size() * 2 * sizeof(ColumnEntry) + frame_offset_.size() * sizeof(uint64_t);
}

absl::Status BlockReader::LoadAll() {
  return Load([](const record::Column&) { return true; });
}

// Takes frames that are kept from there, and reads runs of neighbouring others at once.
absl::Status BlockReader::LoadChunks(std::vector<Wanted>& wanted) {
  std::stable_sort(wanted.begin(), wanted.end(),
                   [](const Wanted& a, const Wanted& b) { return a.chunk.frame < b.chunk.frame; });
  const auto kept_end = std::stable_partition(wanted.begin(), wanted.end(), [this](const Wanted& each) {
    return kept_.Find(each.chunk.frame) != nullptr;
  });
  const auto kept = static_cast<size_t>(kept_end - wanted.begin());
  ColumnRows rows(batch_);
  for (size_t i = 0; i < kept; ++i) {
    LazyFrame& frame = *kept_.Find(wanted[i].chunk.frame);
    TAFFRAIL_RETURN_IF_ERROR(DecodeChunks(std::span(wanted).subspan(i, 1), rows, frame));
  }
  for (size_t first = kept; first < wanted.size();) {
    size_t last = first + 1;
    while (last < wanted.size() && frame_offset_[wanted[last].chunk.frame] <=
                                       frame_offset_[wanted[last - 1].chunk.frame + 1] + kReadGapBytes) {
      ++last;
    }
    TAFFRAIL_RETURN_IF_ERROR(DecodeRun(wanted, first, last, rows));
    first = last;
  }
  return absl::OkStatus();
}

absl::Status BlockReader::DecodeRun(const std::vector<Wanted>& wanted, size_t first, size_t last,
                                    ColumnRows& rows) {
  const uint64_t begin = frame_offset_[wanted[first].chunk.frame];
  const uint64_t end = frame_offset_[wanted[last - 1].chunk.frame + 1];
  std::unique_ptr<char[]> buffer;
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string_view stored, bytes_.Read(begin, end - begin, buffer));
  const std::shared_ptr<const char[]> shared = std::move(buffer);
  bytes_read_ += stored.size();
  for (size_t i = first; i < last;) {
    const uint32_t number = wanted[i].chunk.frame;
    const uint64_t offset = frame_offset_[number];
    const std::string_view bytes = stored.substr(offset - begin, directory_.frame_bytes[number]);
    LazyFrame frame;
    if (const absl::Status status = frame.Open(bytes); !status.ok()) {
      return bytes_.Damaged(offset, std::string(status.message()));
    }
    bytes_decoded_ += frame.bytes_decoded();
    const size_t of_frame = i;
    while (i < last && wanted[i].chunk.frame == number) ++i;
    const std::span<const Wanted> chunks = std::span(wanted).subspan(of_frame, i - of_frame);
    TAFFRAIL_RETURN_IF_ERROR(DecodeChunks(chunks, rows, frame));
    if (chunks.front().keep) kept_.Keep(number, std::move(frame), shared, bytes.size());
  }
  return absl::OkStatus();
}

absl::Status BlockReader::DecodeChunks(std::span<const Wanted> wanted, ColumnRows& rows, LazyFrame& frame) {
  const size_t decoded_before = frame.bytes_decoded();
  const uint64_t offset = frame_offset_[wanted.front().chunk.frame];
  for (const Wanted& each : wanted) {
    if (!DecodeChunk(each, rows, frame)) return bytes_.Damaged(offset, "chunk makes no sense");
    if (!frame.ok()) return bytes_.Damaged(offset, "frame does not decompress");
  }
  bytes_decoded_ += frame.bytes_decoded() - decoded_before;
  return absl::OkStatus();
}

bool BlockReader::DecodeChunk(const Wanted& wanted, ColumnRows& rows, LazyFrame& frame) {
  const Chunk& chunk = wanted.chunk;
  if (chunk.offset > frame.raw().size() || chunk.size > frame.raw().size() - chunk.offset) return false;
  const std::string_view bytes = frame.raw().substr(chunk.offset, chunk.size);
  base::ByteReader reader(bytes);
  if (wanted.picked) return PickChunk(wanted, rows, frame, reader) && reader.AtEnd();
  frame.Need(bytes.data(), bytes.size());
  if (wanted.numbers != nullptr) {
    return DecodeNumbers(reader, {}, wanted.values, wanted.numbers_end, *wanted.numbers) && reader.AtEnd();
  }
  if (wanted.column == nullptr) {
    wanted.integers->resize(wanted.values);
    return DecodeInts(reader, {}, *wanted.integers) && reader.AtEnd();
  }
  record::Column& column = *wanted.column;
  RowContext context = rows.Context(wanted.number);
  context.times = [&]() -> std::span<const int64_t> {
    if (!LoadTimes().ok()) return {};
    return rows.Times(wanted.number);
  };
  if (column.IsString()) {
    const StringContext around{.rows = context};
    if (keep_dictionaries_ && DecodeDictionary(reader, wanted.values, around, column.strings, column.codes)) {
      return reader.AtEnd();
    }
    column.strings = record::StringData();
    column.codes.clear();
    return DecodeStrings(reader, wanted.values, around, column.strings) && reader.AtEnd();
  }
  column.integers.resize(wanted.values);
  if (!DecodeInts(reader, context, column.integers)) return false;
  if (column.key.kind == record::Kind::kDecimal) {
    std::vector<int64_t> scales(wanted.values);
    if (!DecodeInts(reader, context, scales)) return false;
    for (const int64_t scale : scales) {
      if (scale < 0 || scale > UINT8_MAX) return false;
      column.scales.push_back(static_cast<uint8_t>(scale));
    }
  }
  return reader.AtEnd();
}

}  // namespace taffrail::store
