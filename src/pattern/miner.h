// Finds the templates that lines were made from, out of their forms (the Drain algorithm: He et al., ICWS
// 2017, with the variable words known beforehand).
//
//   job <_> of alice done in <_>                  job <_> of <_> done in <_>
//   job <_> of bob done in <_>      ──────────>
//   cannot reach <_>                              cannot reach <_>
//
// Forms with as many words and the same first word are compared word by word with the templates seen before.
// The most alike, when alike enough, takes the form in: words that differ become <_>.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "pattern/form.h"
#include "pattern/tally.h"

namespace taffrail::pattern {

struct Template {
  std::vector<std::string> words;
  Tally lines;

  std::string Form() const;  // words with a blank between
  std::string Text() const;  // neighbouring wildcards as one
};

class Miner {
 public:
  static constexpr double kSimilarity =
      0.5;  // of words that must be the same: below it unrelated lines of a length merge
  static constexpr size_t kMaxTemplates = 1000;  // each is compared with; beyond it lines count as unmatched

  explicit Miner(size_t max_templates = kMaxTemplates) : max_templates_(max_templates) {}

  // The lines of one form. What comes out depends on the order, so it should be one that means something.
  void Add(std::string_view form, Tally lines);

  // In order of appearance.
  std::vector<Template> TakeTemplates() && { return std::move(templates_); }
  uint64_t unmatched() const { return unmatched_; }

 private:
  Template* Find(const std::vector<size_t>& candidates, const std::vector<std::string_view>& words);

  const size_t max_templates_;
  std::vector<Template> templates_;
  absl::flat_hash_map<std::string, std::vector<size_t>> leaves_;  // by length and first word
  uint64_t unmatched_ = 0;
};

}  // namespace taffrail::pattern
