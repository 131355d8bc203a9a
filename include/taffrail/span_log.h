// Spans as lines: at its end a span becomes one line like any other, with parent_span_id, span_kind, start
// and duration_ms, and so `trail` can draw it.
//
//   taffrail::set_span_exporter(taffrail::log_span_exporter(taffrail::Logger("spans")));
#pragma once

#include <memory>

#include "taffrail/log.h"
#include "taffrail/span.h"

namespace taffrail {

// INFO; ERROR for a span of status kError.
std::shared_ptr<SpanExporter> log_span_exporter(const Logger& logger);

}  // namespace taffrail
