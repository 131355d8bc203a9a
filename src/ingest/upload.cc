#include "ingest/upload.h"

#include <utility>

#include "ingest/fields_to_labels.h"
#include "ingest/message_field.h"
#include "net/problem.h"
#include "wire/loki/push.h"
#include "wire/ndjson/decoder.h"

namespace taffrail::ingest {
namespace {

// A store that cannot write now is no mistake of the sender, who shall come again: 503, and not the 429 that
// a bare ResourceExhausted (a full disk) would mean.
absl::Status NotNow(absl::Status status) {
  return absl::IsResourceExhausted(status) ? net::WithHttpStatus(std::move(status), 503) : status;
}

class LineUpload {
 public:
  LineUpload(Pipeline& pipeline, const UploadOptions& options)
      : pipeline_(pipeline),
        options_(options),
        decoder_({.time_field = options.time_field}, pipeline.builders().Take()) {}

  UploadResult Run(const NextChunk& next) {
    std::string chunk;
    absl::Status read;
    while (true) {
      const absl::StatusOr<bool> more = next(chunk);
      read = more.status();
      if (!read.ok() || !*more) break;
      result_.bytes += chunk.size();
      if (!Take(chunk)) return Finish();
    }
    if (read.ok()) {
      decoder_.End();
    } else {
      decoder_.DropOpenLine();
    }
    if (CommitBatch() && !read.ok()) {
      result_.status = read;
      result_.failed_line = decoder_.line_number() + 1;
    }
    return Finish();
  }

 private:
  // False when a commit failed.
  bool Take(std::string_view bytes) {
    while (!bytes.empty()) {
      decoder_.Feed(bytes);
      if (decoder_.Full() && !CommitBatch()) return false;
    }
    return true;
  }

  bool CommitBatch() {
    const size_t rows = decoder_.rows();
    const uint64_t first_line = committed_through_ + 1;
    committed_through_ = decoder_.line_number();
    if (rows == 0) return true;
    record::RecordBatch batch = decoder_.TakeBatch(pipeline_.env().NowNs());
    result_.intake.oddities += CountOddities(batch);
    if (!options_.message_field.empty()) batch = WithMessageFrom(std::move(batch), options_.message_field);
    if (!options_.stream_fields.empty()) {
      result_.intake.labels_refused += SetStreamsFromFields(batch, options_.stream_fields);
    }
    result_.status = NotNow(pipeline_.Commit(std::move(batch), options_.tenant, &result_.duplicates));
    if (!result_.status.ok()) {
      result_.failed_line = first_line;
      return false;
    }
    result_.accepted_lines += rows;
    return true;
  }

  UploadResult Finish() {
    const wire::ndjson::DecodeStats& stats = decoder_.stats();
    result_.intake.lines = stats.lines;
    result_.intake.blank = stats.blank;
    result_.intake.time_missing = stats.time_missing;
    result_.intake.time_unreadable = stats.time_unreadable;
    result_.intake.time_future = stats.time_future;
    pipeline_.counters().AddIntake(result_.intake);
    pipeline_.counters().AddUpload("ndjson", result_.bytes);
    pipeline_.builders().Give(decoder_.TakeBuilder());
    return std::move(result_);
  }

  Pipeline& pipeline_;
  const UploadOptions& options_;
  wire::ndjson::Decoder decoder_;
  uint64_t committed_through_ = 0;  // number of the last line in a batch handed over
  UploadResult result_;
};

}  // namespace

UploadResult UploadLines(Pipeline& pipeline, const NextChunk& next, const UploadOptions& options) {
  return LineUpload(pipeline, options).Run(next);
}

UploadResult UploadPush(Pipeline& pipeline, std::string_view body, PushFormat format,
                        std::string_view tenant) {
  UploadResult result;
  result.bytes = body.size();
  const int64_t now_ns = pipeline.env().NowNs();
  absl::StatusOr<wire::loki::DecodedPush> push = format == PushFormat::kJson
                                                     ? wire::loki::DecodeJson(body, now_ns)
                                                     : wire::loki::DecodeProtobuf(body, now_ns);
  result.status = push.status();
  if (push.status().code() == absl::StatusCode::kResourceExhausted) {
    result.status = net::WithHttpStatus(std::move(result.status), 413);
  }
  if (push.ok()) {
    result.intake.lines = push->stats.lines;
    result.intake.time_missing = push->stats.time_missing;
    result.intake.time_future = push->stats.time_future;
    for (record::RecordBatch& batch : push->batches) {
      const size_t rows = batch.rows();
      result.intake.oddities += CountOddities(batch);
      result.status = NotNow(pipeline.Commit(std::move(batch), tenant, &result.duplicates));
      if (!result.status.ok()) break;
      result.accepted_lines += rows;
    }
  }
  if (!result.status.ok()) result.failed_line = result.accepted_lines + 1;
  pipeline.counters().AddIntake(result.intake);
  pipeline.counters().AddUpload("loki", result.bytes);
  return result;
}

}  // namespace taffrail::ingest
