#include "server/loki_handler.h"

#include <utility>

namespace taffrail::server {

void AddLokiRoute(net::Router& router, App& app, const std::string& path, LokiRunner run) {
  for (const char* const method : {"GET", "POST"}) {
    router.Add(method, path, [&app, run](net::HttpRequest& request, net::HttpResponder& responder) {
      const absl::StatusOr<LokiRequest> loki = LokiRequest::Read(app, request);
      if (!loki.ok()) return SendLokiError(loki.status(), responder);
      absl::StatusOr<std::string> json = run({app, *loki, request, responder});
      if (!json.ok()) return SendLokiError(json.status(), responder);
      SendLokiJson(request, *std::move(json), responder);
    });
  }
}

}  // namespace taffrail::server
