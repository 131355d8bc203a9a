// Store::Verify: reads everything, changes nothing.
#include <utility>

#include "store/manifest.h"
#include "store/part_check.h"
#include "store/store.h"
#include "store/wal.h"
#include "store/wal_format.h"

namespace taffrail::store {
namespace {

class Verifier {
 public:
  Verifier(base::Env& env, const std::string& dir, const std::function<void(uint64_t, uint64_t)>& progress)
      : env_(env), dir_(dir), progress_(progress) {}

  absl::StatusOr<VerifyReport> Run() {
    absl::StatusOr<ManifestState> state = Manifest::Read(env_, dir_);
    if (absl::IsNotFound(state.status())) return state.status();
    ++report_.files;
    if (!state.ok()) {
      Complain(state.status());
      return std::move(report_);  // without it nobody can say which files count
    }
    for (const auto& [id, meta] : state->parts) total_bytes_ += meta.file_bytes;
    for (const auto& [id, meta] : state->parts) CheckPart(meta);
    CheckWal(state->flushed_sequence);
    return std::move(report_);
  }

 private:
  void Complain(const absl::Status& status) { report_.damage.emplace_back(status.message()); }

  void CheckPart(const PartMeta& meta) {
    ++report_.files;
    const uint64_t before = done_bytes_;
    absl::StatusOr<std::shared_ptr<Part>> part = Part::Open(env_, dir_, meta.id);
    CheckDeleted(meta);
    if (!part.ok()) {
      Complain(part.status());
    } else {
      for (size_t block = 0; block < (*part)->blocks().size(); ++block) {
        const absl::Status status = CheckBlock(**part, block);
        if (status.ok()) {
          ++report_.blocks;
          report_.rows += (*part)->blocks()[block].summary.rows;
        } else {
          Complain(status);
        }
        done_bytes_ += (*part)->blocks()[block].bytes;
        if (progress_) progress_(done_bytes_, total_bytes_);
      }
      if (const absl::Status status = (*part)->CheckIndex(); !status.ok()) Complain(status);
    }
    done_bytes_ = before + meta.file_bytes;
    if (progress_) progress_(done_bytes_, total_bytes_);
  }

  // Rows that a damaged list of deleted ones would bring back are not counted: nobody knows how many they
  // are.
  void CheckDeleted(const PartMeta& meta) {
    if (meta.deletes_number == 0) return;
    ++report_.files;
    const auto deleted = DeletedRows::Read(env_, dir_, meta.id, meta.deletes_number);
    if (!deleted.ok()) return Complain(deleted.status());
    report_.rows -= (*deleted)->count();
  }

  void CheckWal(uint64_t flushed_sequence) {
    const auto visit = [this](const record::RecordBatch& batch, uint64_t) { report_.rows += batch.rows(); };
    const auto complain = [this](std::string what) { report_.damage.push_back(std::move(what)); };
    const absl::StatusOr<WalReplay> replay = SalvageWal(env_, dir_, flushed_sequence, visit, complain);
    if (!replay.ok()) return Complain(replay.status());
    report_.files += replay->segments.size();
  }

  base::Env& env_;
  const std::string& dir_;
  const std::function<void(uint64_t, uint64_t)>& progress_;
  VerifyReport report_;
  uint64_t done_bytes_ = 0;
  uint64_t total_bytes_ = 0;
};

}  // namespace

absl::StatusOr<VerifyReport> Store::Verify(base::Env& env, const std::string& dir,
                                           const std::function<void(uint64_t, uint64_t)>& progress) {
  return Verifier(env, dir, progress).Run();
}

}  // namespace taffrail::store
