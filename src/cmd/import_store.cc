#include <atomic>
#include <utility>

#include "cmd/handover.h"
#include "cmd/import_target.h"
#include "wire/ndjson/decoder.h"

namespace taffrail::cmd {
namespace {

// A commit is one sync: at 8 MiB its cost is small beside that of the bytes. With one batch being decoded,
// one waiting and one being committed, that is 24 MiB of lines in memory.
constexpr size_t kBatchBytes = size_t{8} << 20;
constexpr size_t kWaitingBatches = 1;

class StoreTarget final : public ImportTarget {
 public:
  StoreTarget(base::Env& env, store::Store& store, std::string time_field)
      : env_(env),
        decoder_({.time_field = std::move(time_field), .batch_bytes = kBatchBytes}),
        commits_(kWaitingBatches,
                 [this, &store](record::RecordBatch batch) { return Commit(store, std::move(batch)); }) {}

  absl::Status Take(std::string_view bytes) override {
    while (!bytes.empty()) {
      decoder_.Feed(bytes);
      if (decoder_.Full()) TAFFRAIL_RETURN_IF_ERROR(HandOver());
    }
    return absl::OkStatus();
  }

  absl::Status EndInput(bool whole) override {
    if (whole) {
      decoder_.End();
    } else {
      decoder_.DropOpenLine();
    }
    return decoder_.Full() ? HandOver() : absl::OkStatus();
  }

  absl::Status Finish() override {
    if (decoder_.rows() > 0) TAFFRAIL_RETURN_IF_ERROR(HandOver());
    return commits_.Finish();
  }

  uint64_t lines() const override { return decoder_.stats().lines.lines; }

  ImportCounts counts() const override {
    const wire::ndjson::DecodeStats& stats = decoder_.stats();
    ImportCounts counts;
    counts.lines = committed_lines_;
    counts.json = stats.lines.json;
    counts.text = stats.lines.text;
    counts.clipped = stats.lines.clipped;
    counts.invalid_utf8 = stats.lines.invalid_utf8;
    counts.blank = stats.blank;
    counts.time_missing = stats.time_missing;
    return counts;
  }

 private:
  absl::Status HandOver() {
    return commits_.Push(decoder_.TakeBatch(env_.NowNs())) ? absl::OkStatus() : commits_.Finish();
  }

  absl::Status Commit(store::Store& store, record::RecordBatch batch) {
    const size_t rows = batch.rows();
    TAFFRAIL_RETURN_IF_ERROR(store.Append(std::move(batch)));
    committed_lines_ += rows;
    return absl::OkStatus();
  }

  base::Env& env_;
  wire::ndjson::Decoder decoder_;
  std::atomic<uint64_t> committed_lines_ = 0;
  Handover<record::RecordBatch> commits_;  // last: its thread uses the others
};

}  // namespace

std::unique_ptr<ImportTarget> ImportIntoStore(base::Env& env, store::Store& store, std::string time_field) {
  return std::make_unique<StoreTarget>(env, store, std::move(time_field));
}

}  // namespace taffrail::cmd
