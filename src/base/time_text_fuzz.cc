// Whatever parses as a time or a duration must survive being printed and parsed again, and one time after
// another is read as each alone.
#include <algorithm>
#include <cstdlib>

#include "base/duration.h"
#include "base/time_text.h"

namespace base = taffrail::base;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto time_ns = base::ParseTimestamp(text); time_ns.has_value()) {
    if (base::ParseTimestamp(base::FormatRfc3339(*time_ns)) != time_ns) std::abort();
    if (base::ParseTimeArg(text, 0).value() != *time_ns) std::abort();
  }
  if (const auto time_ns = base::ParseRfc3339(text); time_ns.has_value()) {
    if (base::ParseRfc3339(base::FormatRfc3339(*time_ns)) != time_ns) std::abort();
    if (size <= 64 && base::ParseTimestamp(text) != time_ns) std::abort();
  }
  base::TimestampReader reader;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (reader.Read(line) != base::ParseTimestamp(line)) std::abort();
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  if (const auto duration_ns = base::ParseDuration(text); duration_ns.has_value()) {
    if (base::ParseDuration(base::FormatDuration(*duration_ns)) != duration_ns) std::abort();
  }
  if (!base::ParseTimeArg(text, 0).ok() && base::ParseTimestamp(text).has_value()) std::abort();
  return 0;
}
