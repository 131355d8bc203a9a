// Which rows of a block a question came to, kept with the block for when it is asked again: dashboards and
// alert rules ask the same of the same blocks for as long as these are kept.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "expr/matcher.h"

namespace taffrail::store {

class KeptAnswers {
 public:
  // Of a predicate as text; null when it was not asked lately. Valid until the next Keep.
  const expr::Selection* Find(std::string_view question) const {
    const auto found = std::ranges::find(answers_, question, &Answer::question);
    return found == answers_.end() ? nullptr : &found->rows;
  }

  void Keep(std::string_view question, const expr::Selection& rows) {
    if (answers_.size() == kMost) answers_.erase(answers_.begin());
    answers_.push_back({std::string(question), rows});
  }

  void Clear() { answers_.clear(); }
  size_t MemoryBytes() const {
    size_t bytes = answers_.capacity() * sizeof(Answer);
    for (const Answer& answer : answers_)
      bytes += answer.question.capacity() + answer.rows.capacity() * sizeof(uint32_t);
    return bytes;
  }

 private:
  static constexpr size_t kMost = 8;  // some dashboard's panels, or rules of a group

  struct Answer {
    std::string question;
    expr::Selection rows;
  };
  std::vector<Answer> answers_;  // the oldest first
};

}  // namespace taffrail::store
