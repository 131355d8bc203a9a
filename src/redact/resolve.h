// Findings that overlap become one.
#pragma once

#include "redact/finding.h"

namespace taffrail::redact {

// In order of place, without overlaps. Of those that overlap the union goes; the larger one says how, and of
// equals the one that knows what it is rather than that its name says so.
void Resolve(Findings& findings);

}  // namespace taffrail::redact
