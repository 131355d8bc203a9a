#include "query/templates/replacement.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>

#include "absl/strings/ascii.h"

namespace taffrail::query::templates {

std::string RewriteOf(std::string_view replacement, const RE2& regex) {
  std::string out;
  for (size_t i = 0; i < replacement.size(); ++i) {
    if (replacement[i] == '\\') {
      out += "\\\\";
      continue;
    }
    if (replacement[i] != '$') {
      out += replacement[i];
      continue;
    }
    if (i + 1 < replacement.size() && replacement[i + 1] == '$') {
      out += '$';
      ++i;
      continue;
    }
    const bool braced = i + 1 < replacement.size() && replacement[i + 1] == '{';
    size_t end = i + 1 + (braced ? 1 : 0);
    const size_t begin = end;
    while (end < replacement.size() &&
           (absl::ascii_isalnum(static_cast<unsigned char>(replacement[end])) || replacement[end] == '_'))
      ++end;
    const std::string name(replacement.substr(begin, end - begin));
    if (name.empty() || (braced && (end >= replacement.size() || replacement[end] != '}'))) {
      out += '$';
      continue;
    }
    int group = -1;
    if (std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c) != 0; })) {
      group = name.size() <= 2 ? std::stoi(name) : -1;
    } else if (const auto named = regex.NamedCapturingGroups().find(name);
               named != regex.NamedCapturingGroups().end()) {
      group = named->second;
    }
    if (group >= 0 && group <= 9 && group <= regex.NumberOfCapturingGroups())
      out += "\\" + std::to_string(group);
    i = end - (braced ? 0 : 1);
  }
  return out;
}

}  // namespace taffrail::query::templates
