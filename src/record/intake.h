// What is done to a line at the door, whatever protocol brought it: one length limit, and counts of what
// came.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "record/batch.h"
#include "record/batch_builder.h"

namespace taffrail::record {

// Longer lines are clipped. Stack traces and dumped payloads reach hundreds of KiB and must survive whole; a
// line of many MiB is a broken writer, would be most of a batch, and no reader wants it on a screen.
inline constexpr size_t kMaxLineBytes = size_t{2} << 20;

// What of a too long line is kept: its first bytes, at most limit_bytes, not ending inside a UTF-8 character.
size_t ClippedSize(std::string_view line, size_t limit_bytes);

// The mark that ends a clipped line: "…[clipped 123 bytes]". A clipped line is therefore never JSON and is
// kept as text.
void AppendClipMark(uint64_t clipped_bytes, std::string& out);

// Whether BatchBuilder holds this line as JSON: one object in valid UTF-8, with white space around it at
// most.
bool IsJsonObject(std::string_view line);

// Lines taken in, by what they turned out to be. json + text = lines; the counts below text are of text
// lines.
struct LineStats {
  uint64_t lines = 0;
  uint64_t json = 0;
  uint64_t text = 0;
  uint64_t invalid_utf8 = 0;
  uint64_t with_nul = 0;  // a NUL byte in them
  uint64_t malformed_json =
      0;  // begin with '{' and are no JSON object: cut off, or nested beyond every limit
  uint64_t clipped = 0;

  void Count(LineFormat format, std::string_view line);
  LineStats& operator+=(const LineStats& other);
};

// A time so far ahead of its receipt is no zone mistaken for another (a sender is off by at most 14 hours)
// and no drifting clock: it is counted. It is the sender's claim all the same, so the record keeps it.
inline constexpr int64_t kFutureNs = int64_t{24} * 3600 * 1'000'000'000;

// Rows whose time is more than kFutureNs after receive_time_ns.
uint64_t CountFuture(const RecordBatch& batch, int64_t receive_time_ns);

}  // namespace taffrail::record
