#include "ingest/line_watch.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace taffrail::ingest {

void LineWatch::Borrow(std::string_view bytes) {
  Look();
  borrowed_ = bytes;
}

// With its newline, which the bytes behind the last line may lack.
bool LineWatch::IsBorrowed(std::string_view line) const {
  const std::less<> before;
  return !before(line.data(), borrowed_.data()) &&
         before(line.data() + line.size(), borrowed_.data() + borrowed_.size());
}

void LineWatch::Add(std::string_view line) {
  if (!IsBorrowed(line)) {
    if (!span_.empty()) Look();
    text_.append(line);
    Close(seen_.rows++);
    return;
  }
  // Behind what was copied, or behind a line that is no row, begins a text of its own.
  if (span_.data() + span_.size() != line.data()) Look();
  const char* const begin = span_.empty() ? line.data() : span_.data();
  span_ = std::string_view(begin, static_cast<size_t>(line.data() + line.size() + 1 - begin));
  lines_.push_back({span_.size(), seen_.rows++});
  if (span_.size() >= kTextBytes) Look();
}

void LineWatch::Look() {
  if (lines_.empty()) return;
  policy_->FindInLines(span_.empty() ? std::string_view(text_) : span_, scratch_);
  for (const redact::Finding& finding : scratch_.findings) {
    const auto line = std::ranges::upper_bound(lines_, finding.begin, {}, &Line::end);
    seen_.hits.push_back({line->row, finding.rule});
  }
  span_ = {};
  text_.clear();
  lines_.clear();
}

SeenLines LineWatch::Take() {
  Look();
  scratch_.key_lines = {};  // a key that began in this batch is not looked for in the next
  return std::exchange(seen_, {});
}

}  // namespace taffrail::ingest
