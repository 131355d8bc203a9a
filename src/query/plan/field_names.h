// The field names by which a plan looks at stored lines: what a misspelt one is told from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "query/plan/plan.h"

namespace taffrail::query::plan {

struct NamedField {
  enum class Among : uint8_t {
    kAll,     // the line's fields, attributes and labels
    kLabels,  // attributes and labels: LogQL before a parser
    // The same as kAll after LogQL's json parser: what is no letter, digit or _ in the line's name is _.
    kFlat,
  };
  std::string name;
  Among among = Among::kAll;
};

// In the order of the plan, each once. Names that a stage has made before they are read are left out, and so
// is everything after a stage that may make any name (logfmt, regular expressions, jq, a table).
std::vector<NamedField> FieldNamesOf(const Plan& plan);

}  // namespace taffrail::query::plan
