#include "ingest/line_watch.h"

#include <algorithm>
#include <utility>

namespace taffrail::ingest {

void LineWatch::Look() {
  policy_->FindInLines(text_, scratch_);
  for (const redact::Finding& finding : scratch_.findings) {
    const auto line = std::ranges::upper_bound(lines_, finding.begin, {}, &Line::end);
    seen_.hits.push_back({line->row, finding.rule});
  }
  text_.clear();
  lines_.clear();
}

SeenLines LineWatch::Take() {
  if (!lines_.empty()) Look();
  scratch_.key_lines = {};  // a key that began in this batch is not looked for in the next
  return std::exchange(seen_, {});
}

}  // namespace taffrail::ingest
