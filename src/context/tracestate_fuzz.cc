// Whatever comes as a tracestate header, what goes out again is within the limits, cannot end a header line,
// and says the same as long as it fits.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "taffrail/trace.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail;
  const TraceState state = parse_tracestate({reinterpret_cast<const char*>(data), size});
  const std::string header = format_tracestate(state);
  if (state.members().size() > TraceState::kMembersMax || header.size() > TraceState::kBytesMax) std::abort();
  for (const char c : header) {
    if (c < ' ' || c > '~') std::abort();
  }
  const TraceState again = parse_tracestate(header);
  if (format_tracestate(again) != header) std::abort();
  for (const auto& [key, value] : again.members()) {
    if (state.get(key) != value) std::abort();
  }
  size_t bytes = 0;
  for (const auto& [key, value] : state.members()) bytes += key.size() + value.size() + 2;
  if (bytes <= TraceState::kBytesMax + 1 && again.members() != state.members()) std::abort();
  return 0;
}
