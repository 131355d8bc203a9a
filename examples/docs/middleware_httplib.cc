// Samples of docs/middleware.md.
#include <cstdlib>
#include <string>

#include <taffrail/log.h>
// [install]
#include <taffrail/middleware/httplib.h>

using taffrail::middleware::RequestLog;

void serve() {
  httplib::Server server;
  taffrail::middleware::install(server, {.trusted_proxies = {"10.0.0.0/8"}, .ignored_paths = {"/healthz"}});

  server.Get("/tasks/(\\d+)", [](const httplib::Request& request, httplib::Response& response) {
    RequestLog::current()->set_route("/tasks/{id}");  // httplib does not tell which route matched
    RequestLog::current()->set_user("usr_7d0e");      // on every line of this request from here on
    static const taffrail::Logger log("tasks");
    log.info("Task read", {{"task_id", request.matches[1].str()}});
    response.set_content("{}", "application/json");
  });
  server.listen("0.0.0.0", 8080);
}
// [/install]

// [hooks]
void install_with_own_hooks(httplib::Server& server) {
  taffrail::middleware::install(
      server, {},
      {.exception = [](const httplib::Request&, httplib::Response& response, const std::exception_ptr&) {
        response.set_content(R"({"status":500})", "application/problem+json");
      }});
}
// [/hooks]
