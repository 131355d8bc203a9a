// Labels as text, the way a protobuf push carries them: {app="api", host="a\"b"}.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "record/batch.h"

namespace taffrail::wire::loki {

// In the order of the text. InvalidArgument names the offset of what is wrong. Names are
// [A-Za-z_:][A-Za-z0-9_:.-]* (what Loki and OpenTelemetry senders write); values are quoted with the escapes
// of Go's strings.
absl::StatusOr<record::Labels> ParseLabels(std::string_view text);

// ParseLabels(FormatLabels(l)) gives l for names that are allowed there.
std::string FormatLabels(const record::Labels& labels);

}  // namespace taffrail::wire::loki
