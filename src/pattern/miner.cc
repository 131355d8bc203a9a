#include "pattern/miner.h"

#include <utility>

namespace taffrail::pattern {

std::string Template::Form() const {
  std::string form;
  for (const std::string& word : words) {
    if (!form.empty()) form += ' ';
    form += word;
  }
  return form;
}

std::string Template::Text() const {
  std::string text;
  bool after_wildcard = false;
  for (const std::string& word : words) {
    const bool is_wildcard = word == kWildcard;
    if (is_wildcard && after_wildcard) continue;
    if (!text.empty()) text += ' ';
    text += word;
    after_wildcard = is_wildcard;
  }
  return text;
}

Template* Miner::Find(const std::vector<size_t>& candidates, const std::vector<std::string_view>& words) {
  Template* best = nullptr;
  size_t best_same = 0;
  for (const size_t i : candidates) {
    Template& candidate = templates_[i];
    size_t same = 0;
    size_t different = 0;
    for (size_t at = 0; at < words.size(); ++at) {
      const bool equal = candidate.words[at] == words[at];
      same += equal && words[at] != kWildcard ? 1 : 0;
      different += equal ? 0 : 1;
    }
    if (different == 0) return &candidate;
    if (best == nullptr || same > best_same) {
      best = &candidate;
      best_same = same;
    }
  }
  const auto enough = static_cast<double>(words.size()) * kSimilarity;
  return best != nullptr && static_cast<double>(best_same) >= enough ? best : nullptr;
}

void Miner::Add(std::string_view form, Tally lines) {
  const std::vector<std::string_view> words = WordsOf(form);
  if (words.empty()) return;
  std::string leaf = std::to_string(words.size()) + ' ';
  leaf += words[0];
  std::vector<size_t>* const candidates = &leaves_[leaf];
  Template* found = Find(*candidates, words);
  if (found == nullptr) {
    if (templates_.size() >= max_templates_) {
      unmatched_ += lines.count;
      if (candidates->empty()) leaves_.erase(leaf);
      return;
    }
    candidates->push_back(templates_.size());
    found = &templates_.emplace_back();
    found->words.assign(words.begin(), words.end());
  }
  for (size_t i = 0; i < words.size(); ++i) {
    if (found->words[i] != words[i]) found->words[i] = kWildcard;
  }
  found->lines.Merge(std::move(lines));
}

}  // namespace taffrail::pattern
