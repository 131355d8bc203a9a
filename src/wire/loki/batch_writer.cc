#include "wire/loki/batch_writer.h"

#include <utility>

#include "fmt/format.h"
#include "wire/loki/flat_object.h"

namespace taffrail::wire::loki {

absl::Status BatchWriter::StartStream(record::Labels labels) {
  Canonicalize(labels);
  if (labels.size() > limits_.max_labels) {
    return absl::InvalidArgumentError(fmt::format(
        "{} labels, more than the {} allowed; put what differs from line to line into the line or its "
        "structured metadata",
        labels.size(), limits_.max_labels));
  }
  for (const auto& [name, value] : labels) {
    if (name.empty()) return absl::InvalidArgumentError("a label without a name");
    if (name.size() > limits_.max_label_name_bytes) {
      return absl::InvalidArgumentError(fmt::format("a label name of {} bytes, more than the {} allowed",
                                                    name.size(), limits_.max_label_name_bytes));
    }
    if (value.size() > limits_.max_label_value_bytes) {
      return absl::InvalidArgumentError(fmt::format("label {}: a value of {} bytes, more than the {} allowed",
                                                    name, value.size(), limits_.max_label_value_bytes));
    }
  }
  // Labels count like lines: many small streams must not make a batch that is all labels.
  if (label_bytes_ >= limits_.batch_bytes) FinishBatch();
  labels_ = std::move(labels);
  BeginStream();
  return absl::OkStatus();
}

void BatchWriter::AddEntry(int64_t timestamp_ns, std::string_view line, record::Labels& metadata) {
  // A newline at the end is how the line was framed where it was read; records have none.
  if (line.ends_with('\n')) line.remove_suffix(1);
  const size_t size = record::ClippedSize(line, limits_.max_line_bytes);
  if (size < line.size()) {
    clipped_.assign(line.substr(0, size));
    record::AppendClipMark(line.size() - size, clipped_);
    line = clipped_;
    ++push_.stats.lines.clipped;
  }
  attributes_.clear();
  if (!metadata.empty()) {
    Canonicalize(metadata);
    AppendFlatObject(metadata, attributes_);
  }
  push_.stats.lines.Count(builder_.Append(line, timestamp_ns, attributes_), line);
  if (builder_.Full() || builder_.bytes() >= limits_.batch_bytes) FinishBatch();
}

void BatchWriter::AddEntryWithoutTime(std::string_view line, record::Labels& metadata) {
  ++push_.stats.time_missing;
  AddEntry(receive_time_ns_, line, metadata);
}

void BatchWriter::BeginStream() {
  for (const auto& [name, value] : labels_) label_bytes_ += name.size() + value.size();
  builder_.SetStream(labels_);
}

void BatchWriter::FinishBatch() {
  record::RecordBatch batch = builder_.Finish();
  if (batch.rows() > 0) {
    push_.stats.time_future += record::CountFuture(batch, receive_time_ns_);
    push_.batches.push_back(std::move(batch));
  }
  label_bytes_ = 0;
  BeginStream();
}

DecodedPush BatchWriter::Finish() {
  FinishBatch();
  return std::move(push_);
}

}  // namespace taffrail::wire::loki
