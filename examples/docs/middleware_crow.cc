// Samples of docs/middleware.md.
#include <string>
// [install]
#include <crow.h>

#include <taffrail/middleware/crow.h>

using taffrail::middleware::CrowMiddleware;

void prepare(crow::App<CrowMiddleware>& app) {
  taffrail::middleware::install(app, {.trusted_proxies = {"10.0.0.0/8"}, .ignored_paths = {"/healthz"}});
  // then CROW_ROUTE(…) and app.run() as ever
}

void answer_later(crow::App<CrowMiddleware>& app, const crow::request& message) {
  // On another thread: with the request's ids on its lines.
  const taffrail::middleware::Inside inside(app.get_context<CrowMiddleware>(message).request);
}
// [/install]
