// The functions that look at a whole entry.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "query/exec/functions.h"

namespace taffrail::query::exec {

// A Go template (query/templates) over the entry's fields. Not for several threads at once.
absl::StatusOr<std::unique_ptr<Evaluator>> MakeTemplate(const std::string& text, int64_t now_ns);

// The line without ANSI escape sequences.
std::unique_ptr<Evaluator> MakeDecolorize();

// The level in Loki's words: trace, debug, info, warn, error, critical, fatal or unknown. Of a label or
// attribute named as levels are, else of the line's own level field, else of words in it.
std::unique_ptr<Evaluator> MakeDetectLevel(EntrySchema& schema);

// The text with what varies from line to line replaced by its kind: "took <Number-1> ms from <IP-2>".
std::string PatternOf(std::string_view text);

}  // namespace taffrail::query::exec
