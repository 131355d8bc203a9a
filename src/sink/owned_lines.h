// Lines with all that a Batch only borrows: for whoever keeps them longer than a call.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "taffrail/sinks.h"

namespace taffrail::sink {

class OwnedLines {
 public:
  OwnedLines() = default;
  explicit OwnedLines(const Batch& batch);

  void Add(const Entry& entry);
  void Clear();
  bool empty() const { return lines_.empty(); }
  size_t lines() const { return lines_.size(); }
  size_t bytes() const { return text_.size(); }

  // `entries` gets what the batch points to; both are good until the next change of either.
  Batch View(std::vector<Entry>& entries) const;

 private:
  struct Line {
    Level level;
    Category category;
    int64_t time_ns;
    size_t size;
    size_t logger_at;  // in loggers_
    size_t logger_size;
  };
  std::string text_;
  std::string loggers_;  // a name once for each run of lines
  std::vector<Line> lines_;
};

// The lines of a batch, from its text when it comes without entries (INFO, of no logger, now).
std::vector<Entry> EntriesOf(const Batch& batch);
// A part of a batch whose entries are there: [begin, end).
Batch Slice(const Batch& batch, size_t begin, size_t end);

}  // namespace taffrail::sink
