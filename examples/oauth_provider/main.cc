// A small OAuth provider: it knows the demo's people and their passwords, gives out tokens, and explains
// them.
#include <CLI/CLI.hpp>

#include "oauth_provider/endpoints.h"
#include "service/middleware.h"
#include "service/probes.h"
#include "service/program.h"

int main(int argc, char** argv) {
  namespace service = examples::service;
  constexpr const char* kService = "oauth-provider";
  service::ProgramOptions options;
  options.server.port = 8081;
  CLI::App app("The OAuth provider of Taffrail's example. OAUTH_CLIENT_SECRET: what its client must know.");
  service::AddOptions(app, options);
  CLI11_PARSE(app, argc, argv);
  return service::RunMain(kService, [&] {
    service::Logging logging(kService, options.log);
    oauth_provider::Credentials credentials;
    examples::http::Router router;
    oauth_provider::AddRoutes(router, credentials);
    service::AddProbes(router, [] { return true; });
    return service::Serve(kService, options, logging, service::WithRequestScope(router), [] {});
  });
}
