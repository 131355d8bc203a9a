// The body of a push to Loki, from lines that are ready. (wire/loki encodes record batches; taking our own
// lines apart into columns only to join them again would cost the application more than writing them did.)
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "taffrail/level.h"

namespace taffrail::ship {

using LabelList = std::vector<std::pair<std::string, std::string>>;

class PushBody {
 public:
  // With level_label each level is a stream of its own: labels + level="INFO".
  PushBody(const LabelList& labels, bool level_label);

  void Add(Level level, int64_t time_ns, std::string_view line);
  size_t lines() const { return lines_; }
  // {"streams":[{"stream":{…},"values":[["<ns>","<line>"],…]},…]}; empties the body.
  std::string Finish();

 private:
  std::string labels_json_;  // members, without braces
  bool level_label_;
  size_t lines_ = 0;
  std::map<Level, std::string> values_;  // by stream
};

// Loki's rule for names: [a-zA-Z_][a-zA-Z0-9_]*; other characters become '_'.
std::string LabelName(std::string_view name);

std::string Gzip(std::string_view text);

}  // namespace taffrail::ship
