// A request for a handler, from the head that was parsed.
#pragma once

#include <memory>

#include "base/status.h"
#include "net/http_server.h"
#include "net/request_parser.h"

namespace taffrail::net {

// Without its body and where it came from. InvalidArgument: the target of the head makes no sense.
absl::StatusOr<std::shared_ptr<HttpRequest>> NewRequest(const RequestHead& head);

}  // namespace taffrail::net
