// What a regular expression cannot match without. It is read as far as it is plain; at the first construct
// that is not known to be harmless, nothing is required.
#include <algorithm>
#include <string>

#include "query/lang/jq/pushdown.h"

namespace taffrail::query::lang::jq {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view pattern) : pattern_(pattern) {}

  std::string Run() {
    while (at_ < pattern_.size()) {
      if (!TakeOne()) return {};
    }
    EndRun();
    return longest_;
  }

 private:
  // False: nothing can be said of the pattern.
  bool TakeOne() {
    const char c = pattern_[at_++];
    switch (c) {
      case '\\':
        return TakeEscape();
      case '(':
        EndRun();
        return SkipGroup();
      case '[':
        EndRun();
        return SkipClass();
      case '|':  // another way to match
      case ')':
      case '{':  // part of a repetition that begins without anything to repeat, or of none
      case ']':
        return false;
      case '*':
      case '?':
        DropLast();
        return TakeLazy();
      case '+':
        EndRun();
        return TakeLazy();
      case '.':
      case '^':
      case '$':
        EndRun();
        return TakeRepetition();
      default:
        return Append(c);
    }
  }

  // A character that stands for itself. Of a longer one in UTF-8 a repetition means all of its bytes.
  bool Append(char c) {
    last_ = run_.size();
    run_ += c;
    while (at_ < pattern_.size() && (static_cast<unsigned char>(pattern_[at_]) & 0xC0) == 0x80)
      run_ += pattern_[at_++];
    return TakeRepetition();
  }

  // {n,m}: may be none at all.
  bool TakeRepetition() {
    if (at_ >= pattern_.size() || pattern_[at_] != '{') return true;
    const size_t end = pattern_.find('}', at_);
    if (end == std::string_view::npos) return false;
    const std::string_view counts = pattern_.substr(at_ + 1, end - at_ - 1);
    if (counts.empty() || counts.find_first_not_of("0123456789,") != std::string_view::npos) return false;
    at_ = end + 1;
    DropLast();
    return TakeLazy();
  }

  bool TakeLazy() {  // ".*?" and ".*+"
    if (at_ < pattern_.size() && (pattern_[at_] == '?' || pattern_[at_] == '+')) ++at_;
    return TakeRepetition();
  }

  bool TakeEscape() {
    if (at_ == pattern_.size()) return false;
    const char c = pattern_[at_];
    constexpr std::string_view kSets = "dDwWsSbBAzZ";
    constexpr std::string_view kThemselves = ".-/\\+*?()[]{}|^$\" ,:;=@#%!~_";
    if (kSets.find(c) != std::string_view::npos) {
      ++at_;
      EndRun();
      return TakeRepetition();
    }
    if (kThemselves.find(c) == std::string_view::npos) return false;
    ++at_;
    return Append(c);
  }

  bool SkipGroup() {
    if (at_ < pattern_.size() && pattern_[at_] == '?') {
      // (?:…) and names are groups; flags and conditions mean something for what follows.
      const std::string_view after = pattern_.substr(at_ + 1);
      if (!after.starts_with(':') && !after.starts_with('<') && !after.starts_with('=')) return false;
    }
    for (int depth = 1; at_ < pattern_.size() && depth > 0;) {
      const char c = pattern_[at_++];
      if (c == '\\') {
        if (at_ == pattern_.size() || pattern_[at_] == 'Q' || pattern_[at_] == 'E') return false;
        ++at_;
      }
      if (c == '[' && !SkipClass()) return false;
      if (c == '(') {
        ++depth;
        const bool flags = at_ + 1 < pattern_.size() && pattern_[at_] == '?' &&
                           std::string_view(":<=").find(pattern_[at_ + 1]) == std::string_view::npos;
        if (flags) return false;
      }
      if (c == ')' && --depth == 0) return TakeRepetition();
    }
    return false;
  }

  bool SkipClass() {
    if (at_ < pattern_.size() && pattern_[at_] == '^') ++at_;
    if (at_ < pattern_.size() && pattern_[at_] == ']') return false;  // itself, or the end of nothing
    while (at_ < pattern_.size()) {
      const char c = pattern_[at_++];
      if (c == '[' || c == '&') return false;  // classes in classes
      if (c == '\\') {
        if (at_ == pattern_.size()) return false;
        ++at_;
      }
      if (c == ']') return TakeRepetition();
    }
    return false;
  }

  void DropLast() {
    run_.resize(std::min(last_, run_.size()));
    EndRun();
  }
  void EndRun() {
    if (run_.size() > longest_.size()) longest_ = run_;
    run_.clear();
    last_ = 0;
  }

  std::string_view pattern_;
  size_t at_ = 0;
  std::string run_;  // characters that stand next to each other in every match
  size_t last_ = 0;  // where the last one of run_ begins
  std::string longest_;
};

}  // namespace

std::string RequiredText(std::string_view pattern) { return Reader(pattern).Run(); }

}  // namespace taffrail::query::lang::jq
