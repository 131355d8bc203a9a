// Fields of a JSON line that have a rule by their path, found in the line's own text.
//
// Every value is stepped over once. A line that stops being JSON is looked at up to there.
#pragma once

#include <string_view>

#include "redact/policy.h"

namespace taffrail::redact {

// Deeper fields have no path of their own. Real logs stay below 13 levels, and recursion must end.
inline constexpr size_t kFieldDepthMax = 64;

// Appends what is to be masked, in order, and to `kept` what must stay, in order. Places are those in the
// line.
void FindFields(const Policy& policy, std::string_view line, PathCache& paths, Findings& findings,
                std::vector<Range>& kept);

}  // namespace taffrail::redact
