// A configuration from anywhere is taken or refused with a message that names its place; nothing else
// happens.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cmd/serve_config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  taffrail::server::Options options;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::Status status = taffrail::cmd::ApplyConfig(text, "f", options);
  if (status.ok()) return 0;
  const std::string message(status.message());
  if (!absl::IsInvalidArgument(status) || message.rfind("f:", 0) != 0) std::abort();
  return 0;
}
