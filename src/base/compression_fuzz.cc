// Any bytes may be asked to decompress; any bytes come back from their own compression.
#include <cstdlib>

#include "base/compression.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  constexpr uint64_t kLimit = 1 << 20;
  std::string out;
  const absl::Status status = taffrail::base::ZstdDecompress(input, kLimit, out);
  if (out.size() > kLimit || (!status.ok() && !out.empty())) std::abort();

  std::string packed, back;
  if (!taffrail::base::ZstdCompress(input, 1, packed).ok()) std::abort();
  if (!taffrail::base::ZstdDecompress(packed, size, back).ok() || back != input) std::abort();
  return 0;
}
