// The built-in layouts, as the tables that a configuration could write.
#pragma once

#include <optional>
#include <string_view>

#include "layout/layout.h"
#include "taffrail/layout.h"

namespace taffrail::layout {

// nested, flat, flat+error, request, dotted, otel; nothing for any other name.
std::optional<LayoutConfig> BuiltinLayout(std::string_view name, const Options& options);

}  // namespace taffrail::layout
