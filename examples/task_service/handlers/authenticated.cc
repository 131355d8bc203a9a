#include "http/error.h"
#include "task_service/faults.h"
#include "task_service/handlers/routes.h"

namespace task_service {

namespace http = examples::http;

http::Handler Authenticated(Services& services, UserHandler handler) {
  return [&services, handler = std::move(handler)](http::Request& request) -> http::Response {
    const Principal principal = services.authentication.Authenticate(request);
    try {
      if (services.allow_faults) {
        ThrowIfAsked(request, services.repository);
      }
      return handler(request, principal);
    } catch (const PoolExhausted& error) {
      throw http::Error(503, error.what());
    }
  };
}

}  // namespace task_service
