// Finds the templates that lines were made from, line by line (the Drain algorithm: He et al., ICWS 2017).
//
//   job 17 done in 5ms                          job <_> done in <_>
//   job 18 done in 9ms        ──────────>
//   cannot reach db-1                           cannot reach db-1
//
// Lines with as many words, and the same first word unless that has a digit, are compared word by word with
// the templates seen before. The most alike, when alike enough, takes the line in: words that differ become
// <_>.
//
// Counts are kept by steps of time. Where the times that come would need more than `max_steps` of them, steps
// become longer, to the next one people know: each of those is a whole number of the one before.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace taffrail::pattern {

inline constexpr std::string_view kWildcard = "<_>";

struct MinerOptions {
  double similarity = 0.5;      // of words that must be the same: below it unrelated lines of a length merge
  size_t max_templates = 1000;  // each is compared with; beyond it lines count as unmatched
  size_t max_words = 80;        // the rest of a longer line is one word
  int64_t step_ns = 10'000'000'000;
  size_t max_steps = 0;           // between the first time and the last; 0: any number
  size_t max_sample_bytes = 500;  // of a line kept as it was: what a person reads of it
};

struct Template {
  std::vector<std::string> words;
  uint64_t count = 0;
  int64_t first_ns = 0;
  int64_t last_ns = 0;
  std::map<int64_t, uint64_t> counts;  // by the start of each step that has lines
  std::string sample;                  // a line it stands for, the first that came

  std::string Text() const;  // words with a blank between, neighbouring wildcards as one
};

class Miner {
 public:
  explicit Miner(MinerOptions options) : options_(options), step_ns_(options.step_ns) {}

  void Add(std::string_view line, int64_t time_ns);
  // The most frequent first.
  std::vector<const Template*> Templates() const;
  uint64_t unmatched() const { return unmatched_; }
  int64_t step_ns() const { return step_ns_; }

 private:
  std::vector<std::string_view> Split(std::string_view line) const;
  Template* Find(const std::vector<size_t>& candidates, const std::vector<std::string_view>& words);
  void CoverTime(int64_t time_ns);

  const MinerOptions options_;
  int64_t step_ns_;
  int64_t first_ns_ = INT64_MAX;
  int64_t last_ns_ = INT64_MIN;
  std::vector<Template> templates_;
  absl::flat_hash_map<std::string, std::vector<size_t>> leaves_;  // by length and first word
  uint64_t unmatched_ = 0;
};

}  // namespace taffrail::pattern
