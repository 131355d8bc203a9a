// Copies rows of batches into a new batch: what sorting, coalescing small batches and merging parts are made
// of.
//
//   BatchGather gather;
//   BatchGather::Source a(batch_a), b(batch_b);
//   gather.Append(a, 0, 100);     // rows 0..99 of a
//   gather.Append(b, 5, 6);       // then row 5 of b
//   RecordBatch out = gather.Finish();
//
// Shapes, streams and columns are matched by what they are, so the sources need not share anything. Long runs
// are copied a column at a time, short ones a value at a time. A column that is not loaded in its source has
// no values in the result either. One that is coded in the sources is coded in the result, with each source's
// texts once.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "record/batch.h"

namespace taffrail::record {

class BatchGather {
 public:
  // The place in a batch that rows are taken from; moves forward only. The batch must outlive it. Used with
  // one gather for all its life.
  class Source {
   public:
    explicit Source(const RecordBatch& batch);
    const RecordBatch& batch() const { return batch_; }

   private:
    friend class BatchGather;
    void SkipTo(size_t row);
    // Of the values of rows [next_, next_ + rows), of which a column has so many: about, or at most.
    size_t BytesOf(size_t rows, const std::vector<uint32_t>& values) const;

    const RecordBatch& batch_;
    size_t next_ = 0;
    std::vector<uint32_t> position_;  // by column: values before row next_
    std::vector<uint32_t> count_;     // by shape: scratch of one run
    bool lines_are_all_ = false;      // the batch knows how long its lines are, and nothing else is in it
    uint64_t generation_ = 0;         // of the maps below
    std::vector<uint32_t> shape_map_;
    std::vector<uint32_t> stream_map_;
    std::vector<uint32_t> column_map_;
    std::vector<std::vector<uint32_t>> code_maps_;  // by column: where the texts of a coded one are
  };

  BatchGather();

  // About how many rows a batch will have: columns are made that large at once, going by the first rows, and
  // need not be copied as they grow. 0: nobody knows.
  void Expect(size_t rows) { expected_rows_ = rows; }

  // Appends rows [first, last) as far as they fit a batch (its limits are in batch.h and batch_builder.h) and
  // returns how many did; at least one does when the gather is empty. REQUIRES: first is not before a row
  // taken earlier.
  size_t Append(Source& source, size_t first, size_t last);

  size_t rows() const { return out_.rows(); }
  size_t bytes() const { return bytes_; }
  bool Full() const;

  // What was gathered; the gather is empty again.
  RecordBatch Finish();

 private:
  template <typename V>
  using Map = absl::flat_hash_map<std::string, V, base::StringHash, std::equal_to<>>;

  void Attach(Source& source);
  bool MapShape(Source& source, uint32_t shape);
  uint32_t MapColumn(Source& source, uint32_t column);
  uint32_t MapStream(Source& source, uint32_t stream);
  bool AppendRun(Source& source, size_t first, size_t last);
  bool AppendRow(Source& source, size_t row);
  void ReserveLike(const Source& source, const std::vector<uint32_t>& values, size_t rows);
  void AppendRowHeads(Source& source, size_t first, size_t last);

  RecordBatch out_;
  size_t bytes_ = 0;
  size_t shape_bytes_ = 0;
  size_t expected_rows_ = 0;
  uint64_t generation_ = 1;
  Map<uint32_t> shapes_;   // skeleton → index in out_
  Map<uint32_t> columns_;  // serialized key → index
  Map<uint32_t> streams_;  // serialized labels → index
  std::string scratch_;
};

// The rows of a batch in another order: row order[i] becomes row i. All of them, each once, or only some.
RecordBatch Reordered(const RecordBatch& batch, std::span<const uint32_t> order);

}  // namespace taffrail::record
