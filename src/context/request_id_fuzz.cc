// Whatever stands in the headers of a request, the id that goes into lines, SQL comments and answers is
// harmless.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "taffrail/request_id.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t cut = input.find('\n');
  const std::vector<Header> headers = {{"x-request-id", input.substr(0, cut)},
                                       {"traceparent", cut == input.npos ? "" : input.substr(cut + 1)}};
  const RequestId result = request_id_from(headers);
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/+=@";
  const bool good = !result.id.empty() && result.id.size() <= 128 &&
                    result.id.find_first_not_of(kAllowed) == result.id.npos &&
                    result.rejected.size() <= 128 && input.substr(0, cut).find(result.rejected) != input.npos;
  if (!good) std::abort();
  if (result.trace) {
    const auto again = parse_traceparent(format_traceparent(*result.trace));
    if (!again || again->trace_id != result.trace->trace_id || again->sampled != result.trace->sampled)
      std::abort();
  }
  return 0;
}
