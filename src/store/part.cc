#include "store/part.h"

#include <fmt/format.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "store/frame.h"
#include "store/part_format.h"
#include "store/word_filter.h"

namespace taffrail::store {
namespace {

// A footer is about 200 bytes a block; one this large is not ours.
constexpr uint32_t kMaxFooterBytes = uint32_t{64} << 20;

absl::Status Damaged(const std::string& path, uint64_t offset, std::string_view what) {
  return absl::DataLossError(fmt::format("{}: at byte {}: {}", path, offset, what));
}

uint64_t NextNumber() {
  static std::atomic<uint64_t> next = 0;
  return next.fetch_add(1);
}

}  // namespace

int32_t DayOf(int64_t timestamp_ns) {
  const int64_t day = timestamp_ns / kDayNs;
  return static_cast<int32_t>(timestamp_ns % kDayNs < 0 ? day - 1 : day);
}

std::string PartName(uint64_t id) { return fmt::format("part-{:012}.tfp", id); }

bool ParsePartName(const std::string& name, uint64_t& id) {
  int end = 0;
  return std::sscanf(name.c_str(), "part-%" SCNu64 ".tfp%n", &id, &end) == 1 && name == PartName(id);
}

void PartFooter::AppendTo(std::string& out) const {
  base::PutVarint(out, blocks.size());
  for (const BlockInfo& block : blocks) {
    const BlockSummary& s = block.summary;
    for (const uint64_t value : {block.offset, block.bytes, uint64_t{s.directory_bytes}, uint64_t{s.rows},
                                 s.line_bytes, base::ZigZag(s.min_timestamp_ns),
                                 base::ZigZag(s.max_timestamp_ns), s.min_sequence, s.max_sequence}) {
      base::PutVarint(out, value);
    }
    base::PutVarint(out, s.numbers.size());
    for (const NumberRange& range : s.numbers) {
      base::PutString(out, range.path);
      base::PutFixed(out, range.min);
      base::PutFixed(out, range.max);
    }
  }
  base::PutVarint(out, replaced.size());
  for (const uint64_t id : replaced) base::PutVarint(out, id);
  base::PutVarint(out, index.offset);
  base::PutVarint(out, index.bytes);
  base::PutVarint(out, index.entries);
  base::PutFixed(out, index.page_bits);
  base::PutFixed(out, index.rice_bits);
  base::PutFixed(out, index.hash_bits);
}

bool PartFooter::Parse(std::string_view data, uint8_t version, PartFooter& footer) {
  base::ByteReader reader(data);
  const uint64_t blocks = reader.Varint();
  if (blocks > reader.remaining() || blocks > kMaxPartBlocks) return false;
  footer.blocks.resize(blocks);
  for (BlockInfo& block : footer.blocks) {
    BlockSummary& s = block.summary;
    block.offset = reader.Varint();
    block.bytes = reader.Varint();
    const uint64_t directory_bytes = reader.Varint();
    const uint64_t rows = reader.Varint();
    s.line_bytes = reader.Varint();
    s.min_timestamp_ns = reader.SignedVarint();
    s.max_timestamp_ns = reader.SignedVarint();
    s.min_sequence = reader.Varint();
    s.max_sequence = reader.Varint();
    if (version == 1) {
      block.filter_offset = reader.Varint();
      block.filter_buckets = reader.Varint();
    }
    const uint64_t numbers = reader.Varint();
    if (rows == 0 || rows > record::kMaxBatchRows || directory_bytes > block.bytes ||
        directory_bytes > UINT32_MAX || block.filter_buckets > UINT32_MAX || numbers > reader.remaining()) {
      return false;
    }
    s.directory_bytes = static_cast<uint32_t>(directory_bytes);
    s.rows = static_cast<uint32_t>(rows);
    s.numbers.resize(numbers);
    for (NumberRange& range : s.numbers) {
      range.path = reader.String();
      range.min = reader.Fixed<double>();
      range.max = reader.Fixed<double>();
    }
  }
  const uint64_t replaced = reader.Varint();
  if (replaced > reader.remaining()) return false;
  footer.replaced.resize(replaced);
  for (uint64_t& id : footer.replaced) id = reader.Varint();
  if (version >= 2) {
    footer.index.offset = reader.Varint();
    footer.index.bytes = reader.Varint();
    footer.index.entries = reader.Varint();
    footer.index.page_bits = reader.Fixed<uint8_t>();
    footer.index.rice_bits = reader.Fixed<uint8_t>();
    // Not written before version 4.
    footer.index.hash_bits = version >= 4 ? reader.Fixed<uint8_t>() : version == 3 ? 26 : 28;
    footer.index.has_hints = version >= 3;
  }
  return reader.ok() && reader.AtEnd() && footer.index.Sane();
}

PartMeta MetaOf(uint64_t id, const std::vector<BlockInfo>& blocks, uint64_t file_bytes) {
  PartMeta meta;
  meta.id = id;
  meta.file_bytes = file_bytes;
  meta.blocks = blocks.size();
  for (const BlockInfo& block : blocks) {
    const BlockSummary& s = block.summary;
    const bool first = meta.rows == 0;
    meta.rows += s.rows;
    meta.line_bytes += s.line_bytes;
    meta.min_timestamp_ns = first ? s.min_timestamp_ns : std::min(meta.min_timestamp_ns, s.min_timestamp_ns);
    meta.max_timestamp_ns = first ? s.max_timestamp_ns : std::max(meta.max_timestamp_ns, s.max_timestamp_ns);
    meta.min_sequence = first ? s.min_sequence : std::min(meta.min_sequence, s.min_sequence);
    meta.max_sequence = first ? s.max_sequence : std::max(meta.max_sequence, s.max_sequence);
  }
  meta.day = DayOf(meta.min_timestamp_ns);
  return meta;
}

Part::File::File(base::Env& file_env, std::string file_path, std::unique_ptr<base::RandomAccessFile> opened)
    : env(file_env), path(std::move(file_path)), number(NextNumber()), bytes(std::move(opened)) {}

Part::File::~File() {
  if (abandoned.load()) env.Remove(path).IgnoreError();  // the next start finds and removes it
}

Part::Part(std::shared_ptr<File> file, std::shared_ptr<DeletedRows> deleted)
    : file_(std::move(file)), deleted_(std::move(deleted)), meta_(file_->meta) {
  if (deleted_ == nullptr) return;
  meta_.deletes_number = deleted_->number();
  meta_.deleted_rows = deleted_->count();
}

absl::StatusOr<std::shared_ptr<Part>> Part::Open(base::Env& env, const std::string& dir, uint64_t id) {
  std::string path = base::JoinPath(dir, PartName(id));
  TAFFRAIL_ASSIGN_OR_RETURN(auto bytes, env.OpenRead(path));
  auto file = std::make_shared<File>(env, std::move(path), std::move(bytes));
  TAFFRAIL_RETURN_IF_ERROR(ReadTail(*file, id));
  return std::shared_ptr<Part>(new Part(std::move(file), nullptr));
}

absl::StatusOr<std::shared_ptr<Part>> Part::Open(base::Env& env, const std::string& dir,
                                                 const PartMeta& meta) {
  TAFFRAIL_ASSIGN_OR_RETURN(std::shared_ptr<Part> part, Open(env, dir, meta.id));
  if (meta.deletes_number == 0) return part;
  TAFFRAIL_ASSIGN_OR_RETURN(std::shared_ptr<DeletedRows> deleted,
                            DeletedRows::Read(env, dir, meta.id, meta.deletes_number));
  return part->WithDeleted(std::move(deleted));
}

std::shared_ptr<Part> Part::WithDeleted(std::shared_ptr<DeletedRows> deleted) const {
  return std::shared_ptr<Part>(new Part(file_, std::move(deleted)));
}

void Part::Abandon() {
  file_->abandoned.store(true);
  AbandonDeleted();
}

void Part::AbandonDeleted() {
  if (deleted_ != nullptr) deleted_->Abandon();
}

absl::Status Part::ReadTail(File& file, uint64_t id) {
  const std::string& path = file.path;
  const uint64_t size = file.bytes->size();
  if (size < kPartHeaderBytes + kPartTrailerBytes) return Damaged(path, 0, "part is too short");
  std::string header(kPartHeaderBytes, '\0');
  TAFFRAIL_RETURN_IF_ERROR(file.bytes->Read(0, header.size(), header.data()));
  const uint8_t version = ParsePartHeader(header, id);
  if (version == 0) return Damaged(path, 0, "no header of this part, or of a later version of Taffrail");
  std::string trailer(kPartTrailerBytes, '\0');
  const uint64_t trailer_offset = size - kPartTrailerBytes;
  TAFFRAIL_RETURN_IF_ERROR(file.bytes->Read(trailer_offset, trailer.size(), trailer.data()));
  uint64_t footer_offset = 0;
  uint32_t footer_bytes = 0;
  if (!ParsePartTrailer(trailer, id, footer_offset, footer_bytes) || footer_bytes > kMaxFooterBytes ||
      footer_offset + footer_bytes != trailer_offset) {
    return Damaged(path, trailer_offset, "trailer makes no sense");
  }
  std::string stored(footer_bytes, '\0');
  TAFFRAIL_RETURN_IF_ERROR(file.bytes->Read(footer_offset, stored.size(), stored.data()));
  std::string raw;
  size_t frame_bytes = 0;
  if (const absl::Status status = ReadFrame(stored, raw, &frame_bytes); !status.ok()) {
    return Damaged(path, footer_offset, std::string(status.message()));
  }
  if (!PartFooter::Parse(raw, version, file.footer))
    return Damaged(path, footer_offset, "footer makes no sense");
  for (const BlockInfo& block : file.footer.blocks) {
    const uint64_t filter_bytes = WordFilterBytes(block.filter_buckets);
    if (block.offset > footer_offset || block.bytes > footer_offset - block.offset ||
        block.filter_offset > footer_offset || filter_bytes > footer_offset - block.filter_offset) {
      return Damaged(path, footer_offset, "footer names places beyond itself");
    }
  }
  const IdIndexInfo& index = file.footer.index;
  if (index.offset > footer_offset || index.bytes > footer_offset - index.offset) {
    return Damaged(path, footer_offset, "footer names an index beyond itself");
  }
  if (version >= 2) {
    file.index.emplace(*file.bytes, path, index, static_cast<uint32_t>(file.footer.blocks.size()));
    file.index->LoadDirectory();
  }
  file.meta = MetaOf(id, file.footer.blocks, size);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<BlockReader>> Part::OpenDirectory(size_t block) const {
  const BlockInfo& info = file_->footer.blocks[block];
  const BlockBytes bytes(*file_->bytes, file_->path, info.offset, info.bytes);
  TAFFRAIL_ASSIGN_OR_RETURN(BlockReader reader,
                            BlockReader::OpenDirectory(bytes, info.summary.directory_bytes));
  if (reader.rows() != info.summary.rows || !reader.numbered()) {
    return Damaged(file_->path, info.offset, "block and footer disagree about the rows");
  }
  return std::make_unique<BlockReader>(std::move(reader));
}

absl::StatusOr<BlockReader> Part::OpenBlock(size_t block) const {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::unique_ptr<BlockReader> reader, OpenDirectory(block));
  TAFFRAIL_RETURN_IF_ERROR(reader->LoadHeads());
  TAFFRAIL_RETURN_IF_ERROR(reader->LoadTimes());
  return std::move(*reader);
}

absl::StatusOr<bool> Part::MayHold(size_t block, std::string_view folded_id, uint64_t& bytes_read) const {
  const BlockInfo& info = file_->footer.blocks[block];
  if (info.filter_buckets == 0) return false;  // the block has no ids at all
  const WordProbe probe(folded_id, info.filter_buckets);
  std::string page(probe.size_bytes, '\0');
  const uint64_t offset = info.filter_offset + probe.offset;
  TAFFRAIL_RETURN_IF_ERROR(file_->bytes->Read(offset, page.size(), page.data()));
  bytes_read += page.size();
  absl::StatusOr<bool> may_hold = probe.Test(page);
  if (!may_hold.ok()) return Damaged(file_->path, offset, std::string(may_hold.status().message()));
  return may_hold;
}

absl::StatusOr<std::string> Part::ReadRaw(size_t block) const {
  const BlockInfo& info = file_->footer.blocks[block];
  std::string bytes(info.bytes, '\0');
  TAFFRAIL_RETURN_IF_ERROR(file_->bytes->Read(info.offset, bytes.size(), bytes.data()));
  for (size_t offset = 0; offset < bytes.size();) {
    size_t frame_bytes = 0;
    if (const absl::Status status = CheckFrame(std::string_view(bytes).substr(offset), &frame_bytes);
        !status.ok()) {
      return Damaged(file_->path, info.offset + offset, std::string(status.message()));
    }
    offset += frame_bytes;
  }
  return bytes;
}

void Part::Narrow(const std::vector<std::string>& folded_ids, std::vector<BlockRows>& blocks,
                  uint64_t& bytes_read) const {
  for (const std::string& id : folded_ids) {
    if (file_->index.has_value()) {
      file_->index->Narrow(id, blocks, bytes_read).IgnoreError();
      continue;
    }
    std::erase_if(blocks, [&](const BlockRows& rows) {
      const absl::StatusOr<bool> may_hold = MayHold(rows.block, id, bytes_read);
      return may_hold.ok() && !*may_hold;
    });
  }
}

void Part::WillNarrow(const std::vector<std::string>& folded_ids) const {
  if (!file_->index.has_value()) return;
  for (const std::string& id : folded_ids) file_->index->WillNarrow(id);
}

void Part::WillRead(size_t block) const {
  const BlockInfo& info = file_->footer.blocks[block];
  file_->bytes->WillRead(info.offset, info.bytes);
}

absl::Status Part::CheckIndex() const {
  if (file_->index.has_value()) return file_->index->Check();
  for (const BlockInfo& info : file_->footer.blocks) {
    std::string bytes(WordFilterBytes(info.filter_buckets), '\0');
    TAFFRAIL_RETURN_IF_ERROR(file_->bytes->Read(info.filter_offset, bytes.size(), bytes.data()));
    if (const absl::Status status = CheckWordFilter(bytes, info.filter_buckets); !status.ok()) {
      return Damaged(file_->path, info.filter_offset, std::string(status.message()));
    }
  }
  return absl::OkStatus();
}

}  // namespace taffrail::store
