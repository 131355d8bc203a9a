// Rows that were picked of a block, kept with it for when the same is asked again: to find a few values in
// columns that refer back to earlier rows takes longer than to count them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "expr/matcher.h"
#include "record/batch.h"
#include "store/question.h"

namespace taffrail::store {

class KeptBatches {
 public:
  using Batch = std::shared_ptr<const record::RecordBatch>;

  // What the question was given lately. Null when it was not asked, or came to other rows: those of another
  // time range, or before some were deleted.
  Batch Find(const Question& question, const expr::Selection& rows) const {
    const auto found = Place(question);
    return found == kept_.end() || found->rows != rows ? nullptr : found->batch;
  }

  void Keep(const Question& question, const expr::Selection& rows, const Batch& batch) {
    if (const auto before = Place(question); before != kept_.end()) {
      bytes_ -= before->bytes;
      kept_.erase(before);
    }
    Kept added = {.question = question, .rows = rows, .batch = batch, .bytes = sizeof(Kept)};
    added.bytes += question.filter.size() + question.output.size() + rows.size() * sizeof(uint32_t);
    added.bytes += batch->MemoryBytes();
    if (added.bytes > kMostBytes) return;
    if (kept_.size() == kMost) {
      bytes_ -= kept_.front().bytes;
      kept_.erase(kept_.begin());
    }
    bytes_ += added.bytes;
    kept_.push_back(std::move(added));
  }

  void Clear() {
    kept_.clear();
    bytes_ = 0;
  }
  size_t MemoryBytes() const { return bytes_; }

 private:
  static constexpr size_t kMost = 8;  // as many as there are answers
  // Whole lines of one row in sixteen are more: their columns are better used for what is asked next.
  static constexpr size_t kMostBytes = size_t{64} << 10;

  struct Kept {
    Question question;
    expr::Selection rows;
    Batch batch;
    size_t bytes = 0;
  };

  std::vector<Kept>::const_iterator Place(const Question& question) const {
    return std::ranges::find_if(kept_, [&](const Kept& each) {
      return each.question.filter == question.filter && each.question.output == question.output;
    });
  }

  std::vector<Kept> kept_;  // the oldest first
  size_t bytes_ = 0;
};

}  // namespace taffrail::store
