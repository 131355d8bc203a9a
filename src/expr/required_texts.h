// The texts without which a regular expression cannot match: what a substring search looks for before the
// automaton runs.
//
//   timeout after [0-9]+ ms     {"timeout after ", " ms"}
//   (GET|POST) /api             {"get /api"} or {"post /api"}
//   [0-9]+                      nothing is known
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace taffrail::expr {

// Whatever matches contains, ASCII letters folded, all texts of at least one of these lists. No lists:
// nothing is known. The texts are folded (words.h).
using RequiredTexts = std::vector<std::vector<std::string>>;

RequiredTexts RequiredTextsOf(std::string_view pattern, bool ignore_case);

}  // namespace taffrail::expr
