#include "net/new_request.h"

#include <utility>

#include "net/url.h"

namespace taffrail::net {

absl::StatusOr<std::shared_ptr<HttpRequest>> NewRequest(const RequestHead& head) {
  TAFFRAIL_ASSIGN_OR_RETURN(RequestTarget target, ParseRequestTarget(head.target));
  auto request = std::make_shared<HttpRequest>();
  request->method = head.method;
  request->raw_path = std::move(target.raw_path);
  request->path = std::move(target.path);
  request->raw_query = std::move(target.raw_query);
  request->query = std::move(target.query);
  request->headers = head.headers;
  return request;
}

}  // namespace taffrail::net
