// Colours JSON text as it stands: no byte is moved, so that what is copied from the terminal is what was
// stored.
#pragma once

#include <string>
#include <string_view>

#include "cmd/terminal.h"

namespace taffrail::cmd {

// Appends one line of JSON with keys, strings, numbers and literals coloured. Text that is no JSON comes
// through too (coloured by accident, never changed but for control characters, which are escaped).
void AppendPaintedJson(std::string_view json, const Painter& painter, std::string& out);

}  // namespace taffrail::cmd
