// Which handler answers which method and path: "PATCH" "/api/v1/tasks/{id}".
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace examples::http {

using Handler = std::function<Response(Request&)>;

class Router {
 public:
  // A segment in braces matches any one segment and becomes request.params[name].
  void Add(std::string method, const std::string& route, Handler handler);

  // Fills path, query, params and route of the request; null when nothing matches, and then *status is 404,
  // 405 (the path exists under other methods) or 400 (an escape in the target is broken).
  const Handler* Match(Request& request, int* status) const;

 private:
  struct Route {
    std::string method;
    std::string text;
    std::vector<std::string> segments;
    Handler handler;
  };

  std::vector<Route> routes_;  // a dozen: walking them costs less than any index would
};

}  // namespace examples::http
