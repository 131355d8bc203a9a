// However a stream is cut into pieces, the events are the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cmd/sse.h"

namespace {

std::string Events(std::string_view stream, size_t piece_bytes) {
  taffrail::cmd::SseParser parser;
  std::string events;
  for (size_t at = 0; at < stream.size(); at += piece_bytes) {
    const auto more =
        parser.Feed(stream.substr(at, piece_bytes), [&events](const taffrail::cmd::SseEvent& event) {
          events += event.id + '\x1f' + event.name + '\x1f' + event.data + '\x1e';
          return true;
        });
    if (!more.ok()) return events;
  }
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data), size);
  const std::string whole = Events(stream, size);
  if (Events(stream, 1) != whole || Events(stream, 1 + data[0] % 16) != whole) std::abort();
  return 0;
}
