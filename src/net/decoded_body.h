// A request body with its Content-Encoding undone as it is read.
#pragma once

#include <memory>
#include <string_view>

#include "net/http_server.h"

namespace taffrail::net {

// An unknown encoding shows at the first read, as an error marked 415.
std::unique_ptr<BodySource> MakeDecodedBody(std::string_view content_encoding,
                                            std::unique_ptr<BodySource> raw);

}  // namespace taffrail::net
