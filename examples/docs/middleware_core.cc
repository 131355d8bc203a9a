// Samples of docs/middleware.md: a server that has no adapter.
#include <string>
#include <utility>
#include <vector>
// [core]
#include <taffrail/middleware/request_log.h>

using taffrail::middleware::HttpMiddleware;
using taffrail::middleware::Inside;

struct Message {
  std::string method, target, peer, body;
  std::vector<std::pair<std::string, std::string>> headers;
};
struct Answer {
  int status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

Answer answer(const HttpMiddleware& middleware, const Message& message, Answer (*handler)(const Message&)) {
  std::vector<taffrail::Header> headers;
  for (const auto& [name, value] : message.headers) headers.push_back({name, value});
  const auto request = middleware.begin(
      {.method = message.method, .target = message.target, .peer = message.peer, .headers = headers});
  request->add_request_bytes(message.body.size());

  const Inside inside(request);  // until the end of this block lines carry the request's ids
  Answer response;
  try {
    response = handler(message);
  } catch (...) {
    request->fail();  // logged; the status is 500
    response.status = 500;
  }
  for (const auto& [name, value] : request->response_headers()) response.headers.emplace_back(name, value);
  request->add_response_bytes(response.body.size());
  request->finish(response.status);
  return response;
}
// [/core]
