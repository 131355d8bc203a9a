// A second store with the rows of one moment, over the same immutable files.
//
// Parts are linked, not copied: neither store ever writes to one, and each removes its own names only. Rows
// of the memtable become parts of the snapshot, so that it needs no log. Its manifest comes last: a directory
// without one is no store, whatever a crash has left there.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "store/store_impl.h"

namespace taffrail::store {
namespace {

// A copy of one of a store's files, where no link can be made: another file system, or one without links.
absl::Status CopyFile(base::Env& env, const std::string& from, const std::string& to) {
  constexpr uint64_t kPieceBytes = uint64_t{4} << 20;
  TAFFRAIL_ASSIGN_OR_RETURN(const auto source, env.OpenRead(from));
  TAFFRAIL_ASSIGN_OR_RETURN(const auto target, env.Create(to));
  std::string piece;
  for (uint64_t offset = 0; offset < source->size(); offset += piece.size()) {
    piece.resize(std::min(kPieceBytes, source->size() - offset));
    TAFFRAIL_RETURN_IF_ERROR(source->Read(offset, piece.size(), piece.data()));
    TAFFRAIL_RETURN_IF_ERROR(target->Append(piece));
  }
  TAFFRAIL_RETURN_IF_ERROR(target->Sync());
  return target->Close();
}

absl::Status LinkOrCopy(base::Env& env, const std::string& from, const std::string& to) {
  const absl::Status status = env.Link(from, to);
  return absl::IsUnimplemented(status) ? CopyFile(env, from, to) : status;
}

absl::Status CheckIsFree(base::Env& env, const std::string& dir) {
  const absl::StatusOr<std::vector<std::string>> names = env.List(dir);
  if (absl::IsNotFound(names.status()) || (names.ok() && names->empty())) return absl::OkStatus();
  if (!names.ok()) return names.status();
  return absl::AlreadyExistsError(
      fmt::format("{}: is there already and not empty; give a new directory", dir));
}

}  // namespace

absl::Status StoreImpl::SnapshotTo(const std::string& dir) {
  TAFFRAIL_RETURN_IF_ERROR(CheckIsFree(env_, dir));
  TAFFRAIL_RETURN_IF_ERROR(env_.CreateDirs(dir));
  absl::Status status = WriteSnapshot(dir);
  if (status.ok()) return status;
  // What there is of it is of no use to anybody.
  const absl::StatusOr<std::vector<std::string>> names = env_.List(dir);
  for (const std::string& name : names.ok() ? *names : std::vector<std::string>()) {
    env_.Remove(base::JoinPath(dir, name)).IgnoreError();
  }
  return status;
}

absl::Status StoreImpl::WriteSnapshot(const std::string& dir) {
  Snapshot snapshot;
  ManifestState state;
  {
    absl::MutexLock lock(&mutex_);
    snapshot = SnapshotLocked();
    state.flushed_sequence = next_sequence_;
  }
  for (const auto& part : *snapshot.parts) {
    const PartMeta& meta = part->meta();
    TAFFRAIL_RETURN_IF_ERROR(LinkOrCopy(env_, part->path(), base::JoinPath(dir, PartName(meta.id))));
    if (const DeletedRows* const deleted = part->deleted(); deleted != nullptr) {
      TAFFRAIL_RETURN_IF_ERROR(LinkOrCopy(env_, deleted->Path(options_.dir), deleted->Path(dir)));
      state.next_part_id = std::max(state.next_part_id, deleted->number() + 1);
    }
    state.next_part_id = std::max(state.next_part_id, meta.id + 1);
    state.parts.emplace(meta.id, meta);
  }
  // Only ids within the snapshot matter: a store that reads here gives out none of its own.
  TAFFRAIL_ASSIGN_OR_RETURN(const PartList rest,
                            WriteParts(snapshot.batches, dir, [&state] { return state.next_part_id++; }));
  for (const auto& part : rest) state.parts.emplace(part->meta().id, part->meta());
  TAFFRAIL_RETURN_IF_ERROR(env_.SyncDir(dir));
  return Manifest::Start(env_, dir, std::move(state)).status();
}

absl::Status Store::Restore(base::Env& env, const std::string& snapshot, const std::string& dir) {
  TAFFRAIL_ASSIGN_OR_RETURN(const VerifyReport report, Verify(env, snapshot, nullptr));
  if (!report.damage.empty()) {
    return absl::DataLossError(fmt::format("{}: the snapshot is damaged and nothing was restored: {}",
                                           snapshot, report.damage.front()));
  }
  StoreOptions options;
  options.dir = snapshot;
  options.env = &env;
  options.read_only = true;
  TAFFRAIL_ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, Open(std::move(options)));
  return store->SnapshotTo(dir);
}

}  // namespace taffrail::store
