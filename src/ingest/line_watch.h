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
  // Lines that stand in these bytes, each with its newline, are looked at there and not copied. The bytes
  // must stay until the next call of this or of Take().
  void Borrow(std::string_view bytes);
  // The line of the next row. REQUIRES: is_on().
  void Add(std::string_view line);

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
  static constexpr size_t kTextBytes = size_t{32} << 10;
  struct Line {
    size_t end;
    size_t row;
  };
  bool IsBorrowed(std::string_view line) const;
  void Look();

  const redact::Policy* policy_;
  redact::Scratch scratch_;
  std::string_view borrowed_;
  // Lines that wait to be looked at: all of them in `span_`, a part of borrowed_, or all of them in `text_`.
  std::string_view span_;
  std::string text_;
  std::vector<Line> lines_;
  SeenLines seen_;
};

}  // namespace taffrail::ingest
