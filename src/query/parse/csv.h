// One line of comma-separated values (RFC 4180).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace taffrail::query::parse {

// Values may stand in double quotes, with "" for a quote. Never fails: a stray quote is itself.
std::vector<std::string> SplitCsv(std::string_view line);

}  // namespace taffrail::query::parse
