// Grafana Loki's push protocol, both ways: POST /loki/api/v1/push, in JSON or in snappy-compressed protobuf.
//
//   JSON      {"streams":[{"stream":{LABELS},"values":[["TIME_NS","LINE",{METADATA}],…]},…]}
//   protobuf  message PushRequest { repeated Stream streams = 1; }
//             message Stream      { string labels = 1; repeated Entry entries = 2; }     labels:
//             {name="value", …} message Entry       { Timestamp timestamp = 1; string line = 2; repeated Pair
//             metadata = 3; } message Timestamp   { int64 seconds = 1; int32 nanos = 2; } message Pair {
//             string name = 1; string value = 2; } fields of other numbers are skipped
//
// An entry's time is the pushed one, whatever its line says; its structured metadata become the record's
// attributes. A push is taken whole or refused whole, with the place of the first mistake:
// streams[2].values[17]. Lines are not judged: what is no JSON is text, what is too long is clipped
// (record/intake.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "record/batch.h"
#include "record/intake.h"

namespace taffrail::wire::loki {

struct PushLimits {
  // Decompressed. A push is held in memory whole, unlike NDJSON; agents send about 1 MiB.
  size_t max_body_bytes = size_t{64} << 20;
  // Twice Loki's own default of 15: labels are repeated for every stream and looked through for every query.
  size_t max_labels = 32;
  size_t max_label_name_bytes = 1024;   // Loki's default
  size_t max_label_value_bytes = 2048;  // Loki's default
  size_t max_line_bytes = record::kMaxLineBytes;
  size_t batch_bytes = size_t{4} << 20;  // as for NDJSON (wire/ndjson/decoder.h)
};

struct PushStats {
  record::LineStats lines;
  uint64_t time_missing = 0;  // protobuf entries without a timestamp: got the time of receipt
  uint64_t time_future = 0;   // more than record::kFutureNs ahead of the receipt: kept as it is
};

struct DecodedPush {
  std::vector<record::RecordBatch> batches;
  PushStats stats;
};

// InvalidArgument when the body is not such a push (the message names the place), ResourceExhausted past a
// limit.
absl::StatusOr<DecodedPush> DecodeJson(std::string_view body, int64_t receive_time_ns,
                                       const PushLimits& limits = {});
absl::StatusOr<DecodedPush> DecodeProtobuf(std::string_view compressed, int64_t receive_time_ns,
                                           const PushLimits& limits = {});

// The whole batch as one push. JSON cannot carry invalid UTF-8: it becomes U+FFFD; protobuf gives the bytes.
// REQUIRES: the columns of the lines are loaded.
std::string EncodeJson(const record::RecordBatch& batch);
std::string EncodeProtobuf(const record::RecordBatch& batch);

}  // namespace taffrail::wire::loki
