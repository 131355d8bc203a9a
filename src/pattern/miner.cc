#include "pattern/miner.h"

#include <algorithm>
#include <utility>

namespace taffrail::pattern {
namespace {

bool HasDigit(std::string_view word) {
  return std::any_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int64_t StepStart(int64_t time_ns, int64_t step_ns) {
  const int64_t rest = time_ns % step_ns;
  const int64_t down_ns = rest < 0 ? rest + step_ns : rest;
  return time_ns < INT64_MIN + down_ns ? INT64_MIN : time_ns - down_ns;
}

// The next longer step that people know, a whole number of this one; of those beyond a day twice as long.
int64_t LongerStep(int64_t step_ns) {
  constexpr int64_t kSecondNs = 1'000'000'000;
  for (const int64_t seconds : {1, 5, 10, 30, 60, 300, 900, 3600, 21'600, 86'400}) {
    if (seconds * kSecondNs > step_ns && seconds * kSecondNs % step_ns == 0) return seconds * kSecondNs;
  }
  return step_ns > INT64_MAX / 2 ? INT64_MAX : step_ns * 2;
}

// The beginning of a line, whole characters of UTF-8.
std::string_view Beginning(std::string_view line, size_t most_bytes) {
  if (line.size() <= most_bytes) return line;
  while (most_bytes > 0 && (static_cast<unsigned char>(line[most_bytes]) & 0xC0) == 0x80) --most_bytes;
  return line.substr(0, most_bytes);
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

void Miner::CoverTime(int64_t time_ns) {
  first_ns_ = std::min(first_ns_, time_ns);
  last_ns_ = std::max(last_ns_, time_ns);
  if (options_.max_steps == 0) return;
  const auto steps = [this] {
    const uint64_t length_ns = static_cast<uint64_t>(last_ns_) - static_cast<uint64_t>(first_ns_);
    return length_ns / static_cast<uint64_t>(step_ns_) + 2;  // as many as it may touch
  };
  if (steps() <= options_.max_steps) return;
  while (steps() > options_.max_steps && step_ns_ != INT64_MAX) step_ns_ = LongerStep(step_ns_);
  for (Template& each : templates_) {
    std::map<int64_t, uint64_t> counts;
    for (const auto& [begin_ns, count] : each.counts) counts[StepStart(begin_ns, step_ns_)] += count;
    each.counts = std::move(counts);
  }
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
    found->sample = Beginning(line, options_.max_sample_bytes);
  }
  for (size_t i = 0; i < words.size(); ++i) {
    if (found->words[i] != words[i]) found->words[i] = kWildcard;
  }
  CoverTime(time_ns);
  ++found->count;
  found->first_ns = std::min(found->first_ns, time_ns);
  found->last_ns = std::max(found->last_ns, time_ns);
  ++found->counts[StepStart(time_ns, step_ns_)];
}

std::vector<const Template*> Miner::Templates() const {
  std::vector<const Template*> sorted;
  sorted.reserve(templates_.size());
  for (const Template& one : templates_) sorted.push_back(&one);
  std::sort(sorted.begin(), sorted.end(), [](const Template* a, const Template* b) {
    return a->count != b->count ? a->count > b->count : a->words < b->words;
  });
  return sorted;
}

}  // namespace taffrail::pattern
