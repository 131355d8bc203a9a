// Values that are secret because of their name: password=x, "api_key": "x", <token>x</token>,
// System.setProperty("DB_PASSWORD", "x"), Authorization: Bearer x, if ("x" == password), --token x, and the
// same escaped in JSON or percent-encoded.
#pragma once

#include <cstddef>
#include <cstdint>

#include "redact/finding.h"
#include "redact/name.h"

namespace taffrail::redact {

// A stem of kStems may stand at `at`. Returns the end of the name around it: stems before that are its own.
size_t FindAssignment(const Subject& subject, size_t at, NameCache& names, Findings& findings);

// What may come of a name that stands in a piece of a record (Engine::FindSuspects), whatever stands beyond
// the quotes or the line around it.
enum class NameFate : uint8_t {
  kNothing,  // FindAssignment finds nothing there
  kPaired,   // only where a field called value follows: {"name":"password","value":"x"}
  kOpen,
};
// `end` gets what FindAssignment returns.
NameFate FateOfName(const Subject& pieces, size_t at, NameCache& names, size_t& end);

}  // namespace taffrail::redact
