#include "store/deleted_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <iterator>
#include <utility>

#include "base/bytes.h"
#include "record/batch.h"
#include "store/frame.h"

namespace taffrail::store {
namespace {

constexpr std::string_view kMagic("TFDEL\0\0\1", 8);  // the last byte is the version
constexpr int kZstdLevel = 1;
// Numbers of all rows of a part of a hundred million lines, before compression and after, are below this.
constexpr uint64_t kMaxFileBytes = kMaxFrameBytes;

}  // namespace

std::string DeletedRowsName(uint64_t part, uint64_t number) {
  return fmt::format("part-{:012}-{:012}.tfd", part, number);
}

bool ParseDeletedRowsName(const std::string& name, uint64_t& part, uint64_t& number) {
  return std::sscanf(name.c_str(), "part-%" SCNu64 "-%" SCNu64 ".tfd", &part, &number) == 2 &&
         name == DeletedRowsName(part, number);
}

DeletedRows::~DeletedRows() {
  if (abandoned_.load() && env_ != nullptr) env_->Remove(path_).IgnoreError();  // the next start removes it
}

std::string DeletedRows::Path(const std::string& dir) const {
  return base::JoinPath(dir, DeletedRowsName(part_, number_));
}

void DeletedRows::Add(uint32_t block, uint64_t offset, const expr::Selection& rows) {
  if (rows.empty()) return;
  Block& to = blocks_[block];
  to.offset = offset;
  std::vector<uint32_t> all;
  all.reserve(to.rows.size() + rows.size());
  std::set_union(to.rows.begin(), to.rows.end(), rows.begin(), rows.end(), std::back_inserter(all));
  count_ += all.size() - to.rows.size();
  to.rows = std::move(all);
}

void DeletedRows::Erase(uint32_t block, expr::Selection& rows) const {
  const auto found = blocks_.find(block);
  if (found == blocks_.end()) return;
  auto deleted = found->second.rows.begin();
  const auto end = found->second.rows.end();
  std::erase_if(rows, [&](uint32_t row) {
    while (deleted != end && *deleted < row) ++deleted;
    return deleted != end && *deleted == row;
  });
}

void DeletedRows::AppendTo(std::string& out) const {
  base::PutVarint(out, part_);
  base::PutVarint(out, number_);
  base::PutVarint(out, blocks_.size());
  for (const auto& [number, block] : blocks_) {
    base::PutVarint(out, number);
    base::PutVarint(out, block.offset);
    base::PutVarint(out, block.rows.size());
    uint32_t next = 0;
    for (const uint32_t row : block.rows) {
      base::PutVarint(out, row - next);
      next = row + 1;
    }
  }
}

bool DeletedRows::Parse(std::string_view data) {
  base::ByteReader reader(data);
  if (reader.Varint() != part_ || reader.Varint() != number_) return false;
  const uint64_t blocks = reader.Varint();
  if (blocks > reader.remaining()) return false;
  for (uint64_t i = 0; i < blocks; ++i) {
    const uint64_t number = reader.Varint();
    Block block;
    block.offset = reader.Varint();
    const uint64_t rows = reader.Varint();
    if (number > UINT32_MAX || rows == 0 || rows > record::kMaxBatchRows || rows > reader.remaining())
      return false;
    uint64_t row = 0;
    for (uint64_t n = 0; n < rows; ++n) {
      row += reader.Varint();
      if (row >= record::kMaxBatchRows) return false;
      block.rows.push_back(static_cast<uint32_t>(row++));
    }
    count_ += rows;
    if (!blocks_.emplace(static_cast<uint32_t>(number), std::move(block)).second) return false;
  }
  return reader.ok() && reader.AtEnd();
}

absl::StatusOr<std::shared_ptr<DeletedRows>> DeletedRows::Read(base::Env& env, const std::string& dir,
                                                               uint64_t part, uint64_t number) {
  auto deleted = std::make_shared<DeletedRows>(part, number);
  deleted->env_ = &env;
  deleted->path_ = deleted->Path(dir);
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string data, base::ReadFile(env, deleted->path_, kMaxFileBytes));
  const auto damaged = [&](std::string_view what) {
    return absl::DataLossError(fmt::format("{}: {}", deleted->path_, what));
  };
  if (!data.starts_with(kMagic))
    return damaged("at byte 0: this is no list of deleted rows of a known version");
  std::string raw;
  size_t frame_bytes = 0;
  const std::string_view frame = std::string_view(data).substr(kMagic.size());
  if (const absl::Status status = ReadFrame(frame, raw, &frame_bytes); !status.ok()) {
    return damaged(fmt::format("at byte {}: {}", kMagic.size(), std::string(status.message())));
  }
  if (frame_bytes != frame.size() || !deleted->Parse(raw))
    return damaged("list of deleted rows makes no sense");
  return deleted;
}

absl::Status DeletedRows::Write(base::Env& env, const std::string& dir) {
  std::string raw;
  AppendTo(raw);
  if (raw.size() > kMaxFrameBytes) return absl::ResourceExhaustedError("too many deleted rows in one part");
  std::string bytes(kMagic);
  AppendFrame(raw, kZstdLevel, bytes);
  path_ = Path(dir);
  TAFFRAIL_ASSIGN_OR_RETURN(auto file, env.Create(path_));
  env_ = &env;
  absl::Status status = file->Append(bytes);
  if (status.ok()) status = file->Sync();
  if (status.ok()) status = file->Close();
  if (!status.ok()) Abandon();
  return status;
}

}  // namespace taffrail::store
