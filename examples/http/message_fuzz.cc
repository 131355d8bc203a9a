// Targets and forms come from anyone. Whatever is read from them must be the same again after it was written.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "http/message.h"

namespace {

void Require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace http = examples::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Require(http::PercentDecode(http::PercentEncode(text), false) == text);
  std::string path;
  std::map<std::string, std::string> query;
  if (!http::SplitTarget(text, &path, &query)) {
    return 0;
  }
  Require(path == text.substr(0, text.find('?')));
  std::string written;
  for (const auto& [name, value] : query) {
    written += (written.empty() ? "" : "&") + http::PercentEncode(name) + "=" + http::PercentEncode(value);
  }
  Require(http::ParseForm(written) == query);
  return 0;
}
