// The journal of a ledger: entries that were acknowledged and may not be in tiles yet.
//
//   journal.<first, 20 digits>.<generation, 10 digits>      docs/format/ledger.md
//
// Not thread-safe: one writer at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "store/framed_log.h"

namespace taffrail::ledger {

class Journal {
 public:
  Journal(base::Env& env, std::string dir) : env_(env), dir_(std::move(dir)) {}

  // Gives every entry that counts, in order, with its number. An error of `take` ends it and is returned.
  // DataLoss names file, offset and entry where acknowledged entries are damaged or missing.
  using Take = std::function<absl::Status(uint64_t index, std::string_view entry, const std::string& file)>;
  [[nodiscard]] absl::Status Replay(const Take& take);

  // Writes a group and syncs it. After an error none of it counts, and the next call begins a new segment.
  [[nodiscard]] absl::Status Append(uint64_t first, uint64_t count, std::string_view entries);
  // Appends an entry as Append's `entries` has them.
  static void AddEntry(std::string_view entry, std::string& entries);

  uint64_t segment_bytes() const { return writer_ == nullptr ? 0 : writer_->durable_size(); }
  void EndSegment() { writer_.reset(); }  // the next Append begins a new one
  // Removes segments with entries below `size` only. What cannot be removed is tried again next time.
  void RemoveBelow(uint64_t size);

 private:
  struct Segment {
    uint64_t first = 0;
    uint64_t generation = 0;
    std::string path;
  };
  static uint64_t IdOf(const Segment& segment);
  absl::Status Begin(uint64_t first);
  absl::Status ReplaySegment(const Segment& segment, uint64_t end, uint64_t& next, const Take& take);

  base::Env& env_;
  const std::string dir_;
  std::vector<Segment> segments_;  // by generation; the last may be the one that is written
  uint64_t next_generation_ = 1;
  uint64_t end_ = 0;  // the number after the last entry
  std::unique_ptr<store::FramedLogWriter> writer_;
};

}  // namespace taffrail::ledger
