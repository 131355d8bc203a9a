// Whatever comes as a baggage header, what goes out again is within the limits, cannot end a header line, and
// says the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "taffrail/baggage.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail;
  const Baggage baggage = parse_baggage({reinterpret_cast<const char*>(data), size});
  const std::string header = format_baggage(baggage);
  if (baggage.members().size() > Baggage::kMembersMax || header.size() > Baggage::kBytesMax) std::abort();
  for (const char c : header) {
    if (c <= ' ' || c > '~' || c == '"' || c == '\\') std::abort();
  }
  const Baggage again = parse_baggage(header);
  if (again.members().size() != baggage.members().size() || format_baggage(again) != header) std::abort();
  for (size_t i = 0; i < again.members().size(); ++i) {
    if (again.members()[i].value != baggage.members()[i].value) std::abort();
  }
  return 0;
}
