// Values that are secret because of their name: password=x, "api_key": "x", <token>x</token>,
// System.setProperty("DB_PASSWORD", "x"), Authorization: Bearer x, if ("x" == password), --token x, and the
// same escaped in JSON or percent-encoded.
#pragma once

#include <cstddef>

#include "redact/finding.h"
#include "redact/name.h"

namespace taffrail::redact {

// A stem of kStems may stand at `at`. Returns the end of the name around it: stems before that are its own.
size_t FindAssignment(const Subject& subject, size_t at, NameCache& names, Findings& findings);

}  // namespace taffrail::redact
