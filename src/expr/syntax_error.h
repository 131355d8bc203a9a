// How every language here reports what it cannot parse.
#pragma once

#include <string_view>

#include "base/status.h"

namespace taffrail::expr {

// InvalidArgument: message, line and column (counted in characters from 1), the line of the text and a caret
// below it:
//
//   expected a value after "level:", at column 7
//     level: AND x
//           ^
absl::Status SyntaxError(std::string_view text, size_t offset, std::string_view message);

}  // namespace taffrail::expr
