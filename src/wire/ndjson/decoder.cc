#include "wire/ndjson/decoder.h"

#include <algorithm>
#include <utility>

#include "record/well_known.h"

namespace taffrail::wire::ndjson {

DecodeStats& DecodeStats::operator+=(const DecodeStats& other) {
  lines += other.lines;
  blank += other.blank;
  time_missing += other.time_missing;
  time_unreadable += other.time_unreadable;
  time_future += other.time_future;
  return *this;
}

Decoder::Decoder() : Decoder(Options{}) {}

Decoder::Decoder(Options options, record::BatchBuilder builder)
    : options_(std::move(options)), splitter_(options_.max_line_bytes), builder_(std::move(builder)) {}

void Decoder::Feed(std::string_view& input) {
  splitter_.Feed(input, [this](std::string_view line, bool clipped) { return TakeLine(line, clipped); });
}

void Decoder::End() {
  splitter_.End([this](std::string_view line, bool clipped) { return TakeLine(line, clipped); });
}

bool Decoder::TakeLine(std::string_view line, bool clipped) {
  ++line_number_;
  if (line.empty() || line == "\r") {
    ++stats_.blank;
    return true;
  }
  stats_.lines.Count(builder_.Append(line, 0), line);
  if (clipped) ++stats_.lines.clipped;
  return !Full();
}

record::RecordBatch Decoder::TakeBatch(int64_t receive_time_ns) {
  record::RecordBatch batch = builder_.Finish();
  std::fill(batch.timestamp_ns.begin(), batch.timestamp_ns.end(), receive_time_ns);
  const record::TimeReport times = record::SetTimesFromFields(batch, options_.time_field);
  stats_.time_missing += times.missing;
  stats_.time_unreadable += times.unreadable;
  stats_.time_future += record::CountFuture(batch, receive_time_ns);
  return batch;
}

}  // namespace taffrail::wire::ndjson
