// LogQL's texts: "double quotes" with Go's escapes, and `backticks` without any.
#pragma once

#include <string>
#include <string_view>

namespace taffrail::query::lang::logql {

struct Quoted {
  size_t size = 0;         // bytes of the text with its quotes; on an error the offset of what is wrong
  std::string_view error;  // empty when it could be read
};

// Appends what the quotes at the front of `source` hold. REQUIRES: source begins with '"' or '`'.
Quoted ReadQuoted(std::string_view source, std::string& out);

}  // namespace taffrail::query::lang::logql
