#include "store/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/bytes.h"

namespace taffrail::store {
namespace {

constexpr uint8_t kEditWithoutDeletes = 1;  // of version 1; read only
constexpr uint8_t kEdit = 2;
// Rewritten when larger: keeps opening fast. About 10 000 edits, or the state of 15 000 parts.
constexpr uint64_t kRewriteBytes = uint64_t{1} << 20;
// A part takes 60 bytes here; a manifest this large is not ours.
constexpr uint64_t kMaxManifestBytes = uint64_t{256} << 20;

ManifestEdit WholeState(const ManifestState& state) {
  ManifestEdit edit;
  edit.flushed_sequence = state.flushed_sequence;
  edit.next_part_id = state.next_part_id;
  for (const auto& [id, meta] : state.parts) {
    edit.added.push_back(meta);
    if (meta.deletes_number > 0) edit.deletes.push_back({id, meta.deletes_number, meta.deleted_rows});
  }
  return edit;
}

}  // namespace

void ManifestEdit::AppendTo(std::string& out) const {
  base::PutVarint(out, flushed_sequence);
  base::PutVarint(out, next_part_id);
  base::PutVarint(out, removed.size());
  for (const uint64_t id : removed) base::PutVarint(out, id);
  base::PutVarint(out, added.size());
  for (const PartMeta& part : added) {
    for (const uint64_t value : {part.id, base::ZigZag(part.day), part.rows, part.blocks, part.file_bytes,
                                 part.line_bytes, base::ZigZag(part.min_timestamp_ns),
                                 base::ZigZag(part.max_timestamp_ns), part.min_sequence, part.max_sequence}) {
      base::PutVarint(out, value);
    }
  }
  base::PutVarint(out, deletes.size());
  for (const Deletes& part : deletes) {
    for (const uint64_t value : {part.part, part.number, part.rows}) base::PutVarint(out, value);
  }
}

bool ManifestEdit::Parse(std::string_view data, bool with_deletes, ManifestEdit& edit) {
  base::ByteReader reader(data);
  edit.flushed_sequence = reader.Varint();
  edit.next_part_id = reader.Varint();
  const uint64_t removed = reader.Varint();
  if (removed > reader.remaining()) return false;
  edit.removed.resize(removed);
  for (uint64_t& id : edit.removed) id = reader.Varint();
  const uint64_t added = reader.Varint();
  if (added > reader.remaining()) return false;
  edit.added.resize(added);
  for (PartMeta& part : edit.added) {
    part.id = reader.Varint();
    part.day = static_cast<int32_t>(reader.SignedVarint());
    part.rows = reader.Varint();
    part.blocks = reader.Varint();
    part.file_bytes = reader.Varint();
    part.line_bytes = reader.Varint();
    part.min_timestamp_ns = reader.SignedVarint();
    part.max_timestamp_ns = reader.SignedVarint();
    part.min_sequence = reader.Varint();
    part.max_sequence = reader.Varint();
  }
  const uint64_t deletes = with_deletes ? reader.Varint() : 0;
  if (deletes > reader.remaining()) return false;
  edit.deletes.resize(deletes);
  for (Deletes& part : edit.deletes) {
    part.part = reader.Varint();
    part.number = reader.Varint();
    part.rows = reader.Varint();
  }
  return reader.ok() && reader.AtEnd();
}

bool ManifestEdit::ApplyTo(ManifestState& state) const {
  state.flushed_sequence = std::max(state.flushed_sequence, flushed_sequence);
  state.next_part_id = std::max(state.next_part_id, next_part_id);
  for (const uint64_t id : removed) {
    if (state.parts.erase(id) == 0) return false;
  }
  for (const PartMeta& part : added) {
    if (!state.parts.emplace(part.id, part).second) return false;
    state.next_part_id = std::max(state.next_part_id, part.id + 1);
  }
  for (const Deletes& deleted : deletes) {
    const auto part = state.parts.find(deleted.part);
    if (part == state.parts.end() || deleted.rows > part->second.rows) return false;
    part->second.deletes_number = deleted.number;
    part->second.deleted_rows = deleted.rows;
    state.next_part_id = std::max(state.next_part_id, deleted.number + 1);
  }
  return true;
}

std::string Manifest::Path(const std::string& dir) { return base::JoinPath(dir, "MANIFEST"); }

absl::StatusOr<ManifestState> Manifest::Read(base::Env& env, const std::string& dir) {
  const std::string path = Path(dir);
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string data, base::ReadFile(env, path, kMaxManifestBytes));
  base::ByteReader header(data);
  header.Fixed<uint64_t>();
  FramedLogReader reader(data, header.Fixed<uint64_t>());
  const auto damaged = [&](std::string_view what) {
    return absl::DataLossError(
        fmt::format("{}: at byte {}: {}; try `taffrail store repair`", path, reader.offset(), what));
  };
  if (!reader.HeaderOk()) return damaged("this is no manifest of a known version");
  ManifestState state;
  size_t edits = 0;
  for (LogRecord record;; ++edits) {
    const FramedLogReader::Outcome outcome = reader.Next(record);
    if (outcome == FramedLogReader::Outcome::kDamaged) return damaged("damaged edit");
    if (outcome != FramedLogReader::Outcome::kRecord) break;  // a torn tail was never acknowledged
    ManifestEdit edit;
    if ((record.type != kEdit && record.type != kEditWithoutDeletes) ||
        !ManifestEdit::Parse(record.payload, record.type == kEdit, edit) || !edit.ApplyTo(state)) {
      return damaged("edit makes no sense");
    }
  }
  // The file got its name after its first record was durable.
  if (edits == 0) return damaged("the first edit is damaged");
  return state;
}

Manifest::Manifest(base::Env& env, std::string dir, ManifestState state)
    : env_(env), dir_(std::move(dir)), state_(std::move(state)) {}

absl::StatusOr<std::unique_ptr<Manifest>> Manifest::Start(base::Env& env, const std::string& dir,
                                                          ManifestState state) {
  std::unique_ptr<Manifest> manifest = Continue(env, dir, std::move(state));
  TAFFRAIL_RETURN_IF_ERROR(manifest->MakeDurable());
  return manifest;
}

std::unique_ptr<Manifest> Manifest::Continue(base::Env& env, const std::string& dir, ManifestState state) {
  std::unique_ptr<Manifest> manifest(new Manifest(env, dir, std::move(state)));
  env.Random(std::span<char>(reinterpret_cast<char*>(&manifest->log_id_), sizeof(manifest->log_id_)));
  return manifest;
}

absl::Status Manifest::Rewrite(const ManifestState& state) {
  log_ = nullptr;
  const std::string temporary = Path(dir_) + ".tmp";
  // Of one whose sync has failed the system may have dropped pages for good: no file grows out of it.
  if (env_.Exists(temporary)) TAFFRAIL_RETURN_IF_ERROR(env_.Remove(temporary));
  TAFFRAIL_ASSIGN_OR_RETURN(auto log, FramedLogWriter::Create(env_, temporary, ++log_id_));
  TAFFRAIL_RETURN_IF_ERROR(log->Append(kEdit, [&](std::string& out) { WholeState(state).AppendTo(out); }));
  TAFFRAIL_RETURN_IF_ERROR(env_.Rename(temporary, Path(dir_)));
  TAFFRAIL_RETURN_IF_ERROR(env_.SyncDir(dir_));
  log_ = std::move(log);
  return absl::OkStatus();
}

absl::Status Manifest::Commit(const ManifestEdit& edit) {
  ManifestState next = state_;
  if (!edit.ApplyTo(next)) return absl::InternalError("manifest edit does not fit the state");
  if (log_ == nullptr || log_->durable_size() > kRewriteBytes) {
    TAFFRAIL_RETURN_IF_ERROR(Rewrite(next));
  } else if (absl::Status status = log_->Append(kEdit, [&](std::string& out) { edit.AppendTo(out); });
             !status.ok()) {
    log_ = nullptr;
    return status;
  }
  state_ = std::move(next);
  return absl::OkStatus();
}

}  // namespace taffrail::store
