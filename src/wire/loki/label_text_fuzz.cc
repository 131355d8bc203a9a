// Parse, print, parse gives the same labels.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "wire/loki/label_text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using taffrail::wire::loki::FormatLabels;
  using taffrail::wire::loki::ParseLabels;
  const auto labels = ParseLabels(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!labels.ok()) return 0;
  const auto again = ParseLabels(FormatLabels(*labels));
  if (!again.ok() || *again != *labels) std::abort();
  return 0;
}
