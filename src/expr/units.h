// Numbers with units, as LogQL's label filters read them from texts.
#pragma once

#include <string_view>

#include "expr/expr.h"

namespace taffrail::expr {

// "1h30m", "-1.5s", "250ms", "0": Go's durations (ns us µs ms s m h), in nanoseconds.
bool ParseDuration(std::string_view text, double& duration_ns);

// "20KB" (1000), "1.5 MiB" (1024), "512": case does not matter, commas and the space before the unit are
// allowed.
bool ParseByteSize(std::string_view text, double& size_bytes);

// A text as a number of the unit; kNone takes what Go's ParseFloat does in decimal, "inf" and "nan" included.
bool ParseQuantity(Expr::Unit unit, std::string_view text, double& number);

}  // namespace taffrail::expr
