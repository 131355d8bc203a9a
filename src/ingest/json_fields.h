// The scalar fields of one JSON line, and the line with some of them replaced: for the few lines that are
// looked at one by one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace taffrail::ingest {

struct JsonField {
  std::string path;  // "user.id"; elements of a list have the list's
  std::string text;  // strings unescaped; numbers and the like as written; null is empty
  size_t begin = 0;  // of the value in the line, quotes included
  size_t end = 0;
  bool is_string = false;
};

// Every scalar value, in order; nothing when the line is not a JSON object.
std::vector<JsonField> JsonFieldsOf(std::string_view line);

struct Replacement {
  size_t begin = 0;
  size_t end = 0;
  std::string json;
};
// REQUIRES: in order, apart from each other.
std::string ReplaceIn(std::string_view line, const std::vector<Replacement>& replacements);
// The line with members at the end of its object. `members` is `"a":1,"b":2`. REQUIRES: a JSON object.
std::string WithMembers(std::string_view line, std::string_view members);

}  // namespace taffrail::ingest
