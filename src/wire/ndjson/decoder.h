// Newline-delimited JSON, and any other text by lines, into batches of records.
//
//   Decoder decoder(options);
//   while (… piece …) {
//     while (!piece.empty()) {
//       decoder.Feed(piece);
//       if (decoder.Full()) Commit(decoder.TakeBatch(now_ns));
//     }
//   }
//   decoder.End();
//   if (decoder.rows() > 0) Commit(decoder.TakeBatch(now_ns));
//
// Nothing is refused: what is not a JSON object is kept as text, a line that is too long is clipped and
// marked (record/intake.h). docs/ingest.md tells users what becomes of every kind of line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "record/batch.h"
#include "record/batch_builder.h"
#include "record/intake.h"
#include "wire/ndjson/line_splitter.h"

namespace taffrail::wire::ndjson {

struct DecodeStats {
  record::LineStats lines;
  uint64_t blank = 0;            // empty lines: skipped
  uint64_t time_missing = 0;     // no time field: got the time of receipt
  uint64_t time_unreadable = 0;  // a time field that cannot be read: the same
  uint64_t time_future = 0;      // more than record::kFutureNs ahead of the receipt: kept as it is

  DecodeStats& operator+=(const DecodeStats& other);
};

class Decoder {
 public:
  struct Options {
    std::string time_field;  // empty: the well-known ones
    size_t max_line_bytes = record::kMaxLineBytes;
    // A batch is handed over at this size. Large enough that a commit's fixed cost (one sync) is small beside
    // its bytes, small enough that eight uploads at once stay within a hundred MiB.
    size_t batch_bytes = size_t{4} << 20;
  };

  Decoder();
  // `builder`: an empty one that may know shapes from before.
  explicit Decoder(Options options, record::BatchBuilder builder = {});

  // Consumes input from its front until it is empty or the batch is full. REQUIRES: !Full().
  void Feed(std::string_view& input);
  // The input is over: takes a last line without newline. REQUIRES: !Full().
  void End();
  // The input broke off: a line that had begun is not a record. Whether there was one.
  bool DropOpenLine() { return splitter_.DropOpenLine(); }

  bool Full() const { return builder_.Full() || builder_.bytes() >= options_.batch_bytes; }
  size_t rows() const { return builder_.rows(); }
  // Lines of the input seen so far, blank ones included: the number of the last line taken.
  uint64_t line_number() const { return line_number_; }

  // The rows so far, each with the time of its time field, or else receive_time_ns.
  record::RecordBatch TakeBatch(int64_t receive_time_ns);

  // The builder, for the next decoder; this one is of no more use, but for its counts.
  record::BatchBuilder TakeBuilder() { return std::move(builder_); }

  // Of everything taken so far.
  const DecodeStats& stats() const { return stats_; }

 private:
  bool TakeLine(std::string_view line, bool clipped);

  Options options_;
  LineSplitter splitter_;
  record::BatchBuilder builder_;
  DecodeStats stats_;
  uint64_t line_number_ = 0;
};

}  // namespace taffrail::wire::ndjson
