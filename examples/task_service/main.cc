// A task-management API, as Taffrail's example of a service: SQLite, a worker for jobs, calls to an OAuth
// provider.
#include <CLI/CLI.hpp>

#include "service/middleware.h"
#include "service/probes.h"
#include "service/program.h"
#include "task_service/database/schema.h"
#include "task_service/handlers/routes.h"
#include "task_service/jobs/worker.h"

namespace {

namespace service = examples::service;

constexpr const char* kService = "api";

struct Options {
  service::ProgramOptions program;
  task_service::DatabaseOptions database{.path = "tasks.db"};
  std::string oauth_url = "http://127.0.0.1:8081";
  bool allow_faults = false;
};

void AddOptions(CLI::App& app, Options& options) {
  options.program.server.port = 8080;
  service::AddOptions(app, options.program);
  app.add_option("--database", options.database.path, "SQLite file; created and filled when it is not there")
      ->capture_default_str();
  app.add_option("--db-connections", options.database.connections, "connections to it")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--slow-query-ms", options.database.slow_query_ms, "queries from here on are logged as slow")
      ->capture_default_str();
  app.add_option("--oauth-url", options.oauth_url, "the OAuth provider")->capture_default_str();
  app.add_flag("--allow-faults", options.allow_faults, "obey X-Demo-Fault: exception | database");
}

int Run(const Options& options) {
  service::Logging logging(kService, options.program.log);
  {
    task_service::Connection connection(options.database.path, options.database.slow_query_ms);
    task_service::PrepareSchema(connection);
  }
  task_service::ConnectionPool pool(options.database);
  task_service::Repository repository(pool);
  task_service::OAuthClient oauth(options.oauth_url);
  task_service::Authentication authentication(oauth);
  task_service::FailedLogins failed_logins;
  task_service::JobQueue jobs;
  task_service::Services services{repository,    oauth, authentication,
                                  failed_logins, jobs,  options.allow_faults};
  task_service::Worker worker(jobs);

  examples::http::Router router;
  task_service::AddLoginRoutes(router, services);
  task_service::AddTaskRoutes(router, services);
  task_service::AddProjectRoutes(router, services);
  task_service::AddReportRoutes(router, services);
  service::AddProbes(router, [&] {
    repository.Ping();
    return true;
  });
  return service::Serve(kService, options.program, logging, service::WithRequestScope(router),
                        [&] { worker.Drain(); });
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("The task-management API of Taffrail's example.");
  AddOptions(app, options);
  CLI11_PARSE(app, argc, argv);
  return service::RunMain(kService, [&] { return Run(options); });
}
