// Hostile requests to a witness: refused, or the same when written again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ledger/witness.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto request = taffrail::ledger::ParseAddCheckpoint(body);
  if (request.ok() && request->ToString() != body) std::abort();
  return 0;
}
