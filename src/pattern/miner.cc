#include "pattern/miner.h"

#include <algorithm>

namespace taffrail::pattern {
namespace {

bool HasDigit(std::string_view word) {
  return std::any_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int64_t StepStart(int64_t time_ns, int64_t step_ns) {
  const int64_t rest = time_ns % step_ns;
  return time_ns - (rest < 0 ? rest + step_ns : rest);
}

}  // namespace

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

std::vector<std::string_view> Miner::Split(std::string_view line) const {
  constexpr std::string_view kSpace = " \t\r\n";
  std::vector<std::string_view> words;
  while (true) {
    const size_t begin = line.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return words;
    line.remove_prefix(begin);
    const bool last = words.size() + 1 == options_.max_words;
    const size_t end = last ? line.size() : std::min(line.find_first_of(kSpace), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

Template* Miner::Find(const std::vector<size_t>& candidates, const std::vector<std::string_view>& words) {
  Template* best = nullptr;
  size_t best_same = 0;
  for (const size_t i : candidates) {
    Template& candidate = templates_[i];
    size_t same = 0;
    for (size_t at = 0; at < words.size(); ++at) same += candidate.words[at] == words[at] ? 1 : 0;
    if (best == nullptr || same > best_same) {
      best = &candidate;
      best_same = same;
    }
  }
  const auto enough = static_cast<double>(words.size()) * options_.similarity;
  return best != nullptr && static_cast<double>(best_same) >= enough ? best : nullptr;
}

void Miner::Add(std::string_view line, int64_t time_ns) {
  const std::vector<std::string_view> words = Split(line);
  if (words.empty()) return;
  std::string leaf = std::to_string(words.size()) + ' ';
  leaf += HasDigit(words[0]) ? kWildcard : words[0];
  std::vector<size_t>* const candidates = &leaves_[leaf];
  Template* found = Find(*candidates, words);
  if (found == nullptr) {
    if (templates_.size() >= options_.max_templates) {
      ++unmatched_;
      if (candidates->empty()) leaves_.erase(leaf);
      return;
    }
    candidates->push_back(templates_.size());
    found = &templates_.emplace_back();
    for (const std::string_view word : words) found->words.emplace_back(HasDigit(word) ? kWildcard : word);
    found->first_ns = found->last_ns = time_ns;
  }
  for (size_t i = 0; i < words.size(); ++i) {
    if (found->words[i] != words[i]) found->words[i] = kWildcard;
  }
  ++found->count;
  found->first_ns = std::min(found->first_ns, time_ns);
  found->last_ns = std::max(found->last_ns, time_ns);
  ++found->counts[StepStart(time_ns, options_.step_ns)];
}

std::vector<const Template*> Miner::Templates() const {
  std::vector<const Template*> sorted;
  sorted.reserve(templates_.size());
  for (const Template& one : templates_) sorted.push_back(&one);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Template* a, const Template* b) { return a->count > b->count; });
  return sorted;
}

}  // namespace taffrail::pattern
