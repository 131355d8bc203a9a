// Whatever plan parses, prints; and what is printed parses to the same plan.
#include "query/plan/text.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail::query::plan;
  const auto plan = Parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!plan.ok()) return 0;
  const std::string printed = ToString(*plan);
  const auto again = Parse(printed);
  if (!again.ok()) std::abort();
  if (ToString(*again) != printed) std::abort();
  const bool has_nan = printed.find("nan") != std::string::npos;  // no nan equals itself
  if (!has_nan && !Equal(*plan, *again)) std::abort();
  return 0;
}
