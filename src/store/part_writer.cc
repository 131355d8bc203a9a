#include "store/part_writer.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

#include "store/frame.h"
#include "store/number_ranges.h"
#include "store/part_format.h"

namespace taffrail::store {
namespace {

// Measured (docs/decisions/0010): on what the encodings have arranged levels 3 and 6 save nothing, since they
// have taken out what a longer search would find.
constexpr int kBlockZstdLevel = 1;
// Text as it came is another matter: a third smaller than at level 1, and where it repeats so much the search
// is quick.
constexpr int kTextZstdLevel = 9;

}  // namespace

PartWriter::PartWriter(base::Env& env, std::string path, uint64_t id,
                       std::unique_ptr<base::WritableFile> file, EncodingMemory* memory)
    : env_(env), path_(std::move(path)), id_(id), file_(std::move(file)), memory_(memory) {}

PartWriter::~PartWriter() {
  if (finished_) return;
  file_.reset();
  env_.Remove(path_).IgnoreError();  // if that fails too, the next start removes it
}

absl::StatusOr<std::unique_ptr<PartWriter>> PartWriter::Create(base::Env& env, const std::string& dir,
                                                               uint64_t id, std::vector<uint64_t> replaced,
                                                               EncodingMemory* memory) {
  std::string path = base::JoinPath(dir, PartName(id));
  TAFFRAIL_ASSIGN_OR_RETURN(auto file, env.Create(path));
  std::unique_ptr<PartWriter> writer(new PartWriter(env, std::move(path), id, std::move(file), memory));
  writer->footer_.replaced = std::move(replaced);
  TAFFRAIL_RETURN_IF_ERROR(writer->Write(PartHeader(id)));
  return writer;
}

absl::Status PartWriter::Write(std::string_view bytes) {
  TAFFRAIL_RETURN_IF_ERROR(file_->Append(bytes));
  offset_ += bytes.size();
  return absl::OkStatus();
}

absl::Status PartWriter::Add(const record::RecordBatch& batch) {
  assert(batch.rows() > 0 && batch.sequence.size() == batch.rows());
  BlockInfo info;
  info.offset = offset_;
  buffer_.clear();
  EncodeBlock(batch, {.zstd_level = kBlockZstdLevel, .text_zstd_level = kTextZstdLevel, .memory = memory_},
              buffer_, info.summary, &ids_);
  info.bytes = buffer_.size();
  info.summary.numbers = NumberRangesOf(batch);
  index_.AddBlock(ids_.Take(), static_cast<uint32_t>(footer_.blocks.size()));
  TAFFRAIL_RETURN_IF_ERROR(Write(buffer_));
  footer_.blocks.push_back(std::move(info));
  return absl::OkStatus();
}

absl::Status PartWriter::Copy(const Part& part, size_t block) {
  BlockInfo info = part.blocks()[block];
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string bytes, part.ReadRaw(block));
  info.offset = offset_;
  TAFFRAIL_RETURN_IF_ERROR(Write(bytes));
  index_.CopyBlock(*part.index(), static_cast<uint32_t>(block), static_cast<uint32_t>(footer_.blocks.size()));
  footer_.blocks.push_back(std::move(info));
  return absl::OkStatus();
}

// Brings the footer's blocks into the order of their times, and writes the index by that order.
absl::Status PartWriter::WriteIndex() {
  std::vector<uint32_t> order(footer_.blocks.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [this](uint32_t a, uint32_t b) {
    return footer_.blocks[a].summary.min_timestamp_ns < footer_.blocks[b].summary.min_timestamp_ns;
  });
  std::vector<uint32_t> numbers(order.size());
  std::vector<BlockInfo> blocks;
  blocks.reserve(order.size());
  for (uint32_t i = 0; i < order.size(); ++i) {
    numbers[order[i]] = i;
    blocks.push_back(std::move(footer_.blocks[order[i]]));
  }
  footer_.blocks = std::move(blocks);
  return index_.Finish(
      numbers, offset_, [this](std::string_view bytes) { return Write(bytes); }, footer_.index);
}

absl::Status PartWriter::Finish() {
  TAFFRAIL_RETURN_IF_ERROR(WriteIndex());
  const uint64_t footer_offset = offset_;
  std::string raw;
  footer_.AppendTo(raw);
  buffer_.clear();
  AppendFrame(raw, kTextZstdLevel, buffer_);
  buffer_ += PartTrailer(id_, footer_offset, static_cast<uint32_t>(buffer_.size()));
  TAFFRAIL_RETURN_IF_ERROR(Write(buffer_));
  TAFFRAIL_RETURN_IF_ERROR(file_->Sync());
  TAFFRAIL_RETURN_IF_ERROR(file_->Close());
  finished_ = true;
  return absl::OkStatus();
}

}  // namespace taffrail::store
