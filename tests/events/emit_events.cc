// Writes one line of every standard event, bare and with all its fields, to the standard output, for
// events_test.py to hold against docs/schemas/. Arguments switch features off: no-audit, no-metrics,
// no-memory, no-database, slow-only; layout=NAME writes them in another layout than nested.
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "taffrail/config.h"
#include "taffrail/context.h"
#include "taffrail/events/application.h"
#include "taffrail/events/database.h"
#include "taffrail/events/http.h"
#include "taffrail/events/integration.h"
#include "taffrail/events/job.h"
#include "taffrail/events/oauth.h"
#include "taffrail/events/request_stats.h"
#include "taffrail/events/resources.h"
#include "taffrail/events/security.h"

namespace taffrail::events {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kAgent = "Mozilla/5.0...";
constexpr std::string_view kAddress = "192.168.1.100";

ErrorField SomeError() { return error(std::runtime_error("gone")); }

void Http() {
  http_request({.method = "GET", .path = "/"});
  const RequestStats stats;
  const RequestStatsScope scope(stats);
  count_database_query(3ms);
  // As in the vector tm-02.
  const Scope caller(
      {{"request_id", "req_8f4e2b1c"}, {"user_id", "usr_a1b2c3d4"}, {"organization_id", "org_12345"}});
  http_request({.method = "POST",
                .path = "/api/v1/tasks",
                .route = "/api/v1/tasks",
                .status_code = 201,
                .duration = 45ms,
                .user_agent = kAgent,
                .ip_address = kAddress,
                .request_size_bytes = 1024,
                .response_size_bytes = 512,
                .stats = &stats},
               {{"plan", "gold"}});
  http_request({.method = "GET", .path = "/slow", .status_code = 200, .duration = 1500ms});
  http_request({.method = "GET", .path = "/none", .status_code = 404, .duration = 1ms});
  http_request({.method = "GET", .path = "/bad", .status_code = 503, .duration = 1ms});
}

void Application() {
  use_case_executed({.use_case = "create_task", .duration = 12ms});
  use_case_executed({.use_case = "create_task",
                     .duration = 12ms,
                     .entity_type = "task",
                     .entity_id = "tsk_1",
                     .succeeded = false,
                     .error = SomeError()});
  domain_event_published({.domain_event = "TaskCreated"});
  domain_event_published({.domain_event = "TaskCreated",
                          .event_id = "evt_1",
                          .aggregate_type = "task",
                          .aggregate_id = "tsk_1",
                          .destination = "tasks"});
  validation_failed({.errors = {}});
  const ValidationError errors[] = {{"title", "required"}, {"due", "in the past"}};
  validation_failed({.subject = "CreateTaskRequest", .errors = errors});
}

void Database() {
  const QueryEvent whole{.statement = "SELECT * FROM tasks t JOIN users u ON u.id = t.owner WHERE t.id = 42",
                         .system = "postgresql",
                         .database = "app",
                         .duration = 2ms,
                         .rows = 1};
  query_executed({.statement = "BEGIN"});
  query_executed(whole);
  query_executed({.statement = "SELECT 'secret' FROM tasks", .duration = 1200ms});
  QueryEvent slow = whole;
  slow.duration = 1200ms;
  query_executed(slow);
  query_failed({.query = {.statement = "SELECT 1"}});
  query_failed({.query = whole, .error_code = "22P02", .error_message = "invalid input: \"secret\""});
  pool_exhausted({.pool = "main"});
  pool_exhausted({.pool = "main", .system = "sqlite", .connections_max = 6, .waiting = 2, .waited = 2s});
}

void Integration() {
  const IntegrationEvent bare{.service = "s3"};
  const IntegrationEvent whole{.service = "oauth-provider",
                               .operation = "introspect",
                               .method = "POST",
                               .url = "https://user:secret@id.example.com/introspect?token=secret#secret",
                               .attempt = 2,
                               .attempts_max = 3,
                               .status_code = 200,
                               .duration = 20ms,
                               .request_size_bytes = 64,
                               .response_size_bytes = 128,
                               .error_message = "no answer",
                               .error = SomeError(),
                               .timed_out = true,
                               .retry_in = 250ms};
  for (const IntegrationEvent& event : {bare, whole}) {
    integration_called(event);
    integration_responded(event);
    integration_failed(event);
    integration_retried(event);
  }
  integration_responded({.service = "s3", .status_code = 500});
}

void Jobs() {
  const JobEvent bare{.task_name = "send_mail", .job_id = "job_1"};
  const JobEvent whole{.task_name = "send_mail",
                       .job_id = "job_1",
                       .queue = "mail",
                       .attempt = 2,
                       .attempts_max = 3,
                       .request_id = "req_1",
                       .waited = 5ms,
                       .duration = 50ms,
                       .retry_in = 1s,
                       .queue_depth = 7,
                       .error_message = "no route",
                       .error = SomeError()};
  for (const JobEvent& event : {bare, whole}) {
    job_enqueued(event);
    job_started(event);
    job_succeeded(event);
    job_failed(event);
    job_retried(event);
  }
}

void Security() {
  const AuthenticationEvent whole{.user_id = "usr_1",
                                  .auth_method = "password",
                                  .provider = "local",
                                  .reason = "invalid_credentials",
                                  .ip_address = kAddress,
                                  .user_agent = kAgent};
  authentication_succeeded({.user_id = "usr_1", .is_login = false});
  authentication_succeeded(whole);
  authentication_failed({.user_id = "usr_1", .is_login = false});
  authentication_failed(whole);
  set_suspicion_policy({.failures = 2});
  for (int i = 0; i < 2; ++i) authentication_failed(whole);
  permission_denied({.user_id = "usr_1", .action = "tasks.delete"});
  permission_denied({.user_id = "usr_1",
                     .action = "tasks.delete",
                     .resource = "tsk_1",
                     .required = "member",
                     .reason = "viewer",
                     .ip_address = kAddress});
  permission_changed({.user_id = "usr_1", .target_user_id = "usr_2", .permission = "organization.role"});
  permission_changed({.user_id = "usr_1",
                      .target_user_id = "usr_2",
                      .permission = "organization.role",
                      .before = "viewer",
                      .after = "admin",
                      .resource = "org_1",
                      .ip_address = kAddress});
  api_key_used({.api_key = "short secret"});
  api_key_used({.api_key = "sk-1secret56789abcdef0123456789",
                .key_name = "ci",
                .user_id = "usr_1",
                .action = "POST /api/v1/tasks",
                .accepted = false,
                .ip_address = kAddress,
                .user_agent = kAgent});
  suspicious_activity({.activity = "many_exports", .user_id = "usr_1", .failures = 3, .window = 60s});
}

void OAuth() {
  const OAuthEvent whole{.provider = "google",
                         .scopes = "calendar  mail.read",
                         .user = "usr_1",
                         .ip_address = kAddress,
                         .user_agent = kAgent,
                         .client_id = "task-service",
                         .grant_type = "authorization_code",
                         .scopes_before = "calendar",
                         .reason = "expired"};
  oauth_scope_changed(whole);
  oauth_revoked(whole);
  oauth_failed(whole);
  oauth_authorization_requested(whole);
  oauth_token_issued(whole);
  oauth_token_refreshed(whole);
  oauth_token_issued({.provider = "google", .scopes = {}, .user = {}, .ip_address = {}, .user_agent = {}});
}

void Resources() {
  ResourceUsage usage = read_resource_usage();
  resource_usage(usage);
  usage.cpu_percent = 12.5;
  usage.queue_depth = 3;
  usage.log_lines_dropped += 1;
  resource_usage(usage);
}

}  // namespace
}  // namespace taffrail::events

int main(int argc, char** argv) {
  taffrail::Config config;
  config.level = taffrail::Level::kTrace;
  config.service = "api";
  config.synchronous = true;
  std::string layout = "nested";
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option.starts_with("layout=")) layout = option.substr(option.find('=') + 1);
    if (option == "no-audit") config.features.audit = false;
    if (option == "no-metrics") config.features.metrics = false;
    if (option == "no-memory") config.features.memory_metrics = false;
    if (option == "no-database") config.features.database_metrics = false;
    if (option == "slow-only") config.features.slow_requests_only = true;
  }
  const auto memory = std::make_shared<taffrail::MemorySink>();
  config.sinks = {{memory, taffrail::Level::kTrace, layout}};
  taffrail::init(std::move(config));

  taffrail::events::Http();
  taffrail::events::Application();
  taffrail::events::Database();
  taffrail::events::Integration();
  taffrail::events::Jobs();
  taffrail::events::Security();
  taffrail::events::OAuth();
  taffrail::events::Resources();

  for (const std::string& line : memory->lines()) std::puts(line.c_str());
  return EXIT_SUCCESS;
}
