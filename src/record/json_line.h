// What a line is, asked without taking it apart.
#pragma once

#include <string_view>

#include "record/shape.h"

namespace taffrail::record {

bool IsUtf8(std::string_view text);

// Whether the line is one JSON object in UTF-8, and so has fields; any other is text (LineFormat).
bool IsJsonLine(std::string_view line);

// Whether the line has a path twice: a key stands twice in an object, or {"a.b":1,"a":{"b":2}}. Only the
// first of such values is a field of the shape.
bool RepeatsPath(const Shape& shape);

}  // namespace taffrail::record
