// One upload of lines, from its first byte to its last commit: in constant memory, however long it is.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "ingest/counters.h"
#include "ingest/pipeline.h"

namespace taffrail::ingest {

struct UploadOptions {
  std::string time_field;                  // empty: the well-known ones
  std::string message_field;               // message_field.h; empty: the well-known ones
  std::vector<std::string> stream_fields;  // fields_to_labels.h
  std::string tenant;                      // of Pipeline::Commit
};

struct UploadResult {
  absl::Status status;          // why it ended early, or ok
  uint64_t accepted_lines = 0;  // durable, whatever the status
  uint64_t duplicates = 0;      // of these: stored before, and not again (deduplicate.h)
  uint64_t failed_line = 0;  // with an error: the first line (from 1) that is not durable. Sending again from
                             // there on loses nothing
  uint64_t bytes = 0;        // read
  IntakeStats intake;
};

// Replaces chunk with the next bytes; false at the end (of HttpRequest::ReadBody's kind).
using NextChunk = std::function<absl::StatusOr<bool>(std::string& chunk)>;

// Decodes what `next` gives and commits it batch by batch. When `next` fails (the sender has gone, its gzip
// is cut off) the whole lines before that point are committed all the same, and the line it fell into is not.
UploadResult UploadLines(Pipeline& pipeline, const NextChunk& next, const UploadOptions& options);

// A Loki push, whole (wire/loki/push.h). Its lines are entries: failed_line counts those.
enum class PushFormat : uint8_t { kJson, kProtobuf };
UploadResult UploadPush(Pipeline& pipeline, std::string_view body, PushFormat format,
                        std::string_view tenant = {});

}  // namespace taffrail::ingest
