// Store::Repair: makes a store that opens again from what can be read.
//
//   1. Every part that counts is read as a whole. Without a manifest those count that no other whole part
//   replaced.
//   2. What can be read of damaged parts, and of a damaged WAL, is written to new parts: rows that a whole
//   part has
//      already are left out.
//   3. The manifest is written anew. From here on the store is whole.
//   4. Damaged files move to DIR/quarantine.
//
// A crash before 3 leaves everything as it was; one between 3 and 4 loses only the quarantine.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "store/day_parts_writer.h"
#include "store/manifest.h"
#include "store/ordered_merge.h"
#include "store/part_check.h"
#include "store/snapshot.h"
#include "store/store.h"
#include "store/wal.h"
#include "store/wal_format.h"

namespace taffrail::store {
namespace {

const std::map<uint32_t, DeletedRows::Block>& NoDeletes() {
  static const std::map<uint32_t, DeletedRows::Block> kNone;
  return kNone;
}

class Repairer {
 public:
  Repairer(base::Env& env, const std::string& dir) : env_(env), dir_(dir) {}
  absl::StatusOr<VerifyReport> Run();

 private:
  absl::Status ReadState();
  absl::Status SortParts(const std::set<uint64_t>& ids);
  void DropReplaced();
  std::shared_ptr<DeletedRows> DeletedOf(uint64_t id);
  absl::Status SalvagePart(uint64_t id);
  absl::Status SalvageSegments();
  absl::Status NoteSequences();
  expr::Selection NewRows(const record::RecordBatch& batch);
  absl::Status WriteManifest();
  absl::Status Quarantine();
  absl::Status Register(DayPartsWriter& writer);
  DayPartsWriter NewWriter() {
    return DayPartsWriter({.env = &env_, .dir = dir_, .next_id = [this] { return state_.next_part_id++; }});
  }
  void Complain(const absl::Status& status) { report_.damage.emplace_back(status.message()); }

  base::Env& env_;
  const std::string& dir_;
  std::unique_ptr<base::FileLock> lock_;
  bool manifest_lost_ = false;
  ManifestState state_;
  std::set<uint64_t> part_files_;
  std::map<uint64_t, uint64_t> deletes_;  // by part: the number of the file that counts
  std::vector<std::string> damaged_deletes_;
  std::vector<std::string> segment_files_;
  PartList whole_;
  std::vector<uint64_t> damaged_;
  bool segments_salvaged_ = false;
  absl::flat_hash_set<uint64_t> seen_;  // sequences that need not be salvaged again
  VerifyReport report_;
};

absl::Status Repairer::ReadState() {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> names, env_.List(dir_));
  uint64_t largest_number = 0;
  for (const std::string& name : names) {
    uint64_t id = 0;
    if (ParsePartName(name, id)) part_files_.insert(id);
    if (ParseWalName(name, id)) segment_files_.push_back(name);
    uint64_t number = 0;
    if (!ParseDeletedRowsName(name, id, number)) continue;
    deletes_[id] = std::max(deletes_[id], number);
    largest_number = std::max(largest_number, number);
  }
  absl::StatusOr<ManifestState> state = Manifest::Read(env_, dir_);
  if (absl::IsNotFound(state.status()) && part_files_.empty() && segment_files_.empty()) {
    return absl::NotFoundError(fmt::format("{}: there is no store here", dir_));
  }
  manifest_lost_ = !state.ok();
  if (manifest_lost_) {
    Complain(state.status());
  } else {
    state_ = *std::move(state);
    deletes_.clear();
    for (const auto& [id, meta] : state_.parts) {
      if (meta.deletes_number > 0) deletes_[id] = meta.deletes_number;
    }
  }
  state_.next_part_id = std::max(state_.next_part_id, largest_number + 1);
  if (!part_files_.empty()) state_.next_part_id = std::max(state_.next_part_id, *part_files_.rbegin() + 1);
  return absl::OkStatus();
}

// Null when no row was deleted, or when nobody can say which: those rows are back then, and the report says
// so.
std::shared_ptr<DeletedRows> Repairer::DeletedOf(uint64_t id) {
  const auto found = deletes_.find(id);
  if (found == deletes_.end()) return nullptr;
  ++report_.files;
  auto deleted = DeletedRows::Read(env_, dir_, id, found->second);
  if (deleted.ok()) return *std::move(deleted);
  report_.damage.push_back(
      fmt::format("{}; the rows that it deleted are visible again", std::string(deleted.status().message())));
  if (!absl::IsNotFound(deleted.status())) damaged_deletes_.push_back(DeletedRowsName(id, found->second));
  return nullptr;
}

absl::Status Repairer::SortParts(const std::set<uint64_t>& ids) {
  for (const uint64_t id : ids) {
    ++report_.files;
    absl::StatusOr<std::shared_ptr<Part>> part = Part::Open(env_, dir_, id);
    absl::Status status = part.status();
    for (size_t block = 0; status.ok() && block < (*part)->blocks().size(); ++block) {
      status = CheckBlock(**part, block);
    }
    if (status.ok()) status = (*part)->CheckIndex();
    if (status.ok()) {
      whole_.push_back((*part)->WithDeleted(DeletedOf(id)));
    } else {
      Complain(status);
      damaged_.push_back(id);
    }
  }
  return absl::OkStatus();
}

void Repairer::DropReplaced() {
  std::set<uint64_t> replaced;
  for (const auto& part : whole_) replaced.insert(part->replaced().begin(), part->replaced().end());
  std::erase_if(whole_, [&](const auto& part) { return replaced.contains(part->meta().id); });
  std::erase_if(damaged_, [&](uint64_t id) { return replaced.contains(id); });
}

// Without a manifest nobody knows which rows of the WAL and of unfinished parts are in whole parts already.
absl::Status Repairer::NoteSequences() {
  for (const auto& part : whole_) {
    for (size_t block = 0; block < part->blocks().size(); ++block) {
      TAFFRAIL_ASSIGN_OR_RETURN(const BlockReader reader, part->OpenBlock(block));
      seen_.insert(reader.batch().sequence.begin(), reader.batch().sequence.end());
    }
  }
  return absl::OkStatus();
}

expr::Selection Repairer::NewRows(const record::RecordBatch& batch) {
  expr::Selection rows;
  for (uint32_t row = 0; row < batch.rows(); ++row) {
    if (seen_.insert(batch.sequence[row]).second) rows.push_back(row);
  }
  return rows;
}

absl::Status Repairer::Register(DayPartsWriter& writer) {
  TAFFRAIL_ASSIGN_OR_RETURN(const PartList parts, writer.Finish());
  whole_.insert(whole_.end(), parts.begin(), parts.end());
  return absl::OkStatus();
}

absl::Status Repairer::SalvagePart(uint64_t id) {
  const std::string path = base::JoinPath(dir_, PartName(id));
  if (!env_.Exists(path)) return absl::OkStatus();
  DayPartsWriter writer = NewWriter();
  const std::shared_ptr<DeletedRows> deleted = DeletedOf(id);
  const auto salvage = [&](const record::RecordBatch& batch, uint64_t offset) {
    expr::Selection rows = NewRows(batch);
    for (const auto& [number, block] : deleted != nullptr ? deleted->blocks() : NoDeletes()) {
      if (block.offset == offset) deleted->Erase(number, rows);
    }
    TAFFRAIL_RETURN_IF_ERROR(writer.Add(batch, rows));
    return writer.EndBlock();  // blocks of a part overlap
  };
  TAFFRAIL_RETURN_IF_ERROR(SalvageBlocks(env_, path, salvage));
  return Register(writer);
}

// Rows of a WAL that replays well stay there, unless nobody knows any more which of them were flushed.
absl::Status Repairer::SalvageSegments() {
  std::vector<RowSource> sources;
  const auto visit = [&](record::RecordBatch batch, uint64_t) {
    expr::Selection rows = NewRows(batch);
    if (rows.empty()) return;
    const OpenedRows opened =
        InOrder(std::make_shared<const record::RecordBatch>(std::move(batch)), std::move(rows));
    sources.push_back({.min_timestamp_ns = opened.batch->timestamp_ns[opened.rows.front()],
                       .max_timestamp_ns = opened.batch->timestamp_ns[opened.rows.back()],
                       .open = [opened](OpenedRows& to) {
                         to = opened;
                         return absl::OkStatus();
                       }});
  };
  const size_t damage_before = report_.damage.size();
  const auto complain = [&](std::string what) { report_.damage.push_back(std::move(what)); };
  TAFFRAIL_ASSIGN_OR_RETURN(const WalReplay replay,
                            SalvageWal(env_, dir_, state_.flushed_sequence, visit, complain));
  report_.files += replay.segments.size();
  if (!manifest_lost_ && report_.damage.size() == damage_before) return absl::OkStatus();
  segments_salvaged_ = true;
  state_.flushed_sequence = std::max(state_.flushed_sequence, replay.next_sequence);
  DayPartsWriter writer = NewWriter();
  const auto add = [&](const record::RecordBatch& batch,
                       const expr::Selection& rows) -> absl::StatusOr<bool> {
    TAFFRAIL_RETURN_IF_ERROR(writer.Add(batch, rows));
    return true;
  };
  TAFFRAIL_RETURN_IF_ERROR(MergeInOrder(std::move(sources), /*descending=*/false, add));
  return Register(writer);
}

absl::Status Repairer::WriteManifest() {
  state_.parts.clear();
  for (const auto& part : whole_) {
    state_.parts.emplace(part->meta().id, part->meta());
    report_.blocks += part->meta().blocks;
    report_.rows += part->meta().rows - part->meta().deleted_rows;
    if (manifest_lost_)
      state_.flushed_sequence = std::max(state_.flushed_sequence, part->meta().max_sequence + 1);
  }
  return Manifest::Start(env_, dir_, state_).status();
}

absl::Status Repairer::Quarantine() {
  std::vector<std::string> names;
  for (const uint64_t id : damaged_) names.push_back(PartName(id));
  names.insert(names.end(), damaged_deletes_.begin(), damaged_deletes_.end());
  if (segments_salvaged_) names.insert(names.end(), segment_files_.begin(), segment_files_.end());
  if (names.empty()) return absl::OkStatus();
  const std::string quarantine = base::JoinPath(dir_, "quarantine");
  TAFFRAIL_RETURN_IF_ERROR(env_.CreateDirs(quarantine));
  for (const std::string& name : names) {
    const std::string path = base::JoinPath(dir_, name);
    if (env_.Exists(path)) TAFFRAIL_RETURN_IF_ERROR(env_.Rename(path, base::JoinPath(quarantine, name)));
  }
  TAFFRAIL_RETURN_IF_ERROR(env_.SyncDir(quarantine));
  return env_.SyncDir(dir_);
}

absl::StatusOr<VerifyReport> Repairer::Run() {
  TAFFRAIL_ASSIGN_OR_RETURN(lock_, env_.Lock(base::JoinPath(dir_, "LOCK")));
  TAFFRAIL_RETURN_IF_ERROR(ReadState());
  std::set<uint64_t> ids = part_files_;
  if (!manifest_lost_) {
    ids.clear();
    for (const auto& [id, meta] : state_.parts) ids.insert(id);
  }
  TAFFRAIL_RETURN_IF_ERROR(SortParts(ids));
  if (manifest_lost_) {
    DropReplaced();
    TAFFRAIL_RETURN_IF_ERROR(NoteSequences());
  }
  for (const uint64_t id : damaged_) TAFFRAIL_RETURN_IF_ERROR(SalvagePart(id));
  TAFFRAIL_RETURN_IF_ERROR(SalvageSegments());
  TAFFRAIL_RETURN_IF_ERROR(WriteManifest());
  TAFFRAIL_RETURN_IF_ERROR(Quarantine());
  return std::move(report_);
}

}  // namespace

absl::StatusOr<VerifyReport> Store::Repair(base::Env& env, const std::string& dir) {
  return Repairer(env, dir).Run();
}

}  // namespace taffrail::store
