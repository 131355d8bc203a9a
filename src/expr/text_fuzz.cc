// Whatever text parses, prints; and what is printed parses to the same tree.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "expr/text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail::expr;
  const auto expr = Parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!expr.ok()) return 0;
  const auto again = Parse(ToString(**expr));
  if (!again.ok()) std::abort();
  const bool has_nan = ToString(**expr).find("nan") != std::string::npos;  // no nan equals itself
  if (!has_nan && !Equal(**expr, **again)) std::abort();
  return 0;
}
