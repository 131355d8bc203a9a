// The status line and header of an answer as bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "net/headers.h"

namespace taffrail::net {

std::string HttpDate(int64_t unix_seconds);  // "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7)

struct ResponseFraming {
  std::optional<uint64_t> content_length;
  bool chunked = false;
  bool upgrade = false;     // Connection: Upgrade, with a 101
  bool close = false;       // Connection: close
  bool keep_alive = false;  // Connection: keep-alive, which HTTP/1.0 clients want to hear
  int64_t unix_seconds = 0;
};

// Control characters in a name or value become spaces: what came from a request must not break the header
// apart (response splitting). Fields that the framing owns are dropped from headers.
std::string ResponseHead(int status, const Headers& headers, const ResponseFraming& framing);

// Makes the data of a chunk in `body`, which may be empty, one as it is sent: what comes before it, in
// `head`, and behind it, with the last the end of the answer (RFC 9112 §7.1).
void AsChunk(bool last, std::string& head, std::string& body);

}  // namespace taffrail::net
