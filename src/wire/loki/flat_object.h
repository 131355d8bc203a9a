// A JSON object of scalars as name and text pairs: labels and structured metadata. Internal to wire/loki.
#pragma once

#include <string>
#include <string_view>

#include "record/batch.h"

namespace taffrail::wire::loki {

// Reads the object at `at` into pairs, in order; returns the byte after it, or nullptr when no valid object
// is there. Strings are unescaped; numbers, booleans, arrays and objects are their JSON text; null members
// are left out.
const char* ReadFlatObject(const char* at, const char* end, record::Labels& pairs);

// Sorted by name; of pairs with one name the last stays.
void Canonicalize(record::Labels& pairs);

// As a JSON object of strings.
void AppendFlatObject(const record::Labels& pairs, std::string& out);

}  // namespace taffrail::wire::loki
