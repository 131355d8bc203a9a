// key=value key="quoted \"value\"" key
#pragma once

#include <string_view>

#include "query/parse/field_sink.h"

namespace taffrail::query::parse {

struct LogfmtOptions {
  bool strict = false;      // stop at the first malformed pair, and say so
  bool keep_empty = false;  // keys without a value are fields too
};

// Adds each pair under its key, made a label's name (json.h). A malformed pair is passed over, or with
// `strict` ends the parse: then what was wrong is returned; empty otherwise.
std::string_view ParseLogfmt(std::string_view line, const LogfmtOptions& options, FieldSink& sink);

}  // namespace taffrail::query::parse
