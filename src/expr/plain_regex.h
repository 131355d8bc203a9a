// Regular expressions that are only a choice of plain texts: "timeout|refused", "(?i)error". They are
// searched for as those, which for conditions on the line means: without putting lines together.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace taffrail::expr {

struct PlainChoice {
  std::vector<std::string> texts;  // none empty
  bool ignore_case = false;        // in ASCII, which for these texts is all that RE2's (?i) does
};

// Nothing when the pattern is more than that. `ignore_case`: of the condition, as if the pattern began with
// (?i).
std::optional<PlainChoice> AsPlainChoice(std::string_view pattern, bool ignore_case);

}  // namespace taffrail::expr
