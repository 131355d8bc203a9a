// What Go puts in place of what a regular expression matched, told to RE2.
#pragma once

#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace taffrail::query::templates {

// Go's $1, ${1} and ${name} as RE2's \1, the first ten groups; a group that there is not is the empty text,
// and a backslash itself.
std::string RewriteOf(std::string_view replacement, const re2::RE2& regex);

}  // namespace taffrail::query::templates
