// What libjq says of a program that it cannot compile, in our words' form.
//
//   jq: error: syntax error, unexpected '}' (Unix shell quoting issues?) at <top-level>, line 2:
//   …the whole program…
//   jq: 1 compile error
//
// becomes "jq: syntax error, unexpected '}', in line 2". Of a name that is not defined the column is found
// again.
#pragma once

#include <string_view>

#include "base/status.h"

namespace taffrail::query::jq {

absl::Status CompileError(std::string_view program, std::string_view said);

}  // namespace taffrail::query::jq
