// Fills batches from the streams and entries of a push, and holds the limits. Internal to wire/loki.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "record/batch_builder.h"
#include "wire/loki/push.h"

namespace taffrail::wire::loki {

class BatchWriter {
 public:
  BatchWriter(const PushLimits& limits, int64_t receive_time_ns)
      : limits_(limits), receive_time_ns_(receive_time_ns) {}

  // Entries that follow belong to this stream. InvalidArgument when the labels are past a limit or unnamed.
  absl::Status StartStream(record::Labels labels);
  void AddEntry(int64_t timestamp_ns, std::string_view line, record::Labels& metadata);
  void AddEntryWithoutTime(std::string_view line, record::Labels& metadata);

  DecodedPush Finish();

 private:
  void BeginStream();
  void FinishBatch();

  const PushLimits& limits_;
  const int64_t receive_time_ns_;
  record::BatchBuilder builder_;
  record::Labels labels_;   // of the current stream
  size_t label_bytes_ = 0;  // of the streams of the current batch
  std::string attributes_;  // of the current entry
  std::string clipped_;
  DecodedPush push_;
};

}  // namespace taffrail::wire::loki
