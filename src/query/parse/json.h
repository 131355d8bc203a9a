// Fields of a JSON object in a line.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "query/parse/field_sink.h"

namespace taffrail::query::parse {

// Every text, number and boolean, at any depth, under the keys that lead to it with '_' between: of
// {"a":{"b":1}} a_b is 1. Arrays and nulls are passed over. Characters that no label may have become '_'. Of
// a key that comes twice the first counts. False, and nothing is added, when the line is no JSON object.
bool ParseJson(std::string_view line, FieldSink& sink);

// A place in a document: a.b[0]["c d"].
class JsonPath {
 public:
  // InvalidArgument: what is wrong, and at which character.
  static absl::StatusOr<JsonPath> Parse(std::string_view text);

  // Whether `json` has a value there; texts without quotes and escapes, objects and arrays as written.
  // REQUIRES: IsJson(json).
  bool Find(std::string_view json, std::string& value, FieldType& type) const;

 private:
  struct Step {
    bool is_index = false;
    size_t index = 0;
    std::string key;
  };
  std::vector<Step> steps_;
};

// Whether the text is one JSON value, an object, array or string, with white space around it or not.
bool IsJson(std::string_view text);

// Calls f with each element of a JSON array, as written; false when the text is none.
bool ForEachElement(std::string_view text, const std::function<void(std::string_view)>& f);

// What Promtail's pack stage made: the texts of a flat object as fields, and as the line what is under
// "_entry"; without that nothing was packed, and nothing comes out. False when the line is no JSON object.
bool Unpack(std::string_view line, FieldSink& sink, std::string& entry, bool& has_entry);

// The name that a label may have: every character outside [A-Za-z0-9_] becomes '_', and '_' comes before a
// digit at the front.
std::string LabelName(std::string_view text);
bool IsLabelName(std::string_view text);

}  // namespace taffrail::query::parse
