// Looks lines through for secrets as they come: a few at a time, while they are in the processor's cache.
//
// A decoder has the bytes of every line in its hand. Looking at them there costs no more than the look
// itself; to write the same lines again out of a batch's columns costs two thirds of a look more.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/seen_lines.h"
#include "redact/policy.h"

namespace taffrail::ingest {

class LineWatch {
 public:
  // Null: whatever comes, nothing is seen. The policy must outlive the watch.
  explicit LineWatch(const redact::Policy* policy) : policy_(policy) {}

  bool is_on() const { return policy_ != nullptr; }
  // The line of the next row. REQUIRES: is_on().
  void Add(std::string_view line) {
    open().append(line);
    Close(seen_.rows++);
  }

  // The same in pieces: append a line's bytes, then say which row they are of. REQUIRES: rows ascend.
  std::string& open() { return text_; }
  void Close(size_t row) {
    text_ += '\n';
    lines_.push_back({text_.size(), row});
    if (text_.size() >= kTextBytes) Look();
  }

  // What was seen since the last call; the next row is the first of another batch.
  SeenLines Take();

 private:
  static constexpr size_t kTextBytes = size_t{128} << 10;
  struct Line {
    size_t end;
    size_t row;
  };
  void Look();

  const redact::Policy* policy_;
  redact::Scratch scratch_;
  std::string text_;
  std::vector<Line> lines_;
  SeenLines seen_;
};

}  // namespace taffrail::ingest
