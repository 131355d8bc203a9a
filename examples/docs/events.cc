// The samples of docs/events.md.
#include <taffrail/context.h>
#include <taffrail/events/application.h>
#include <taffrail/events/database.h>
#include <taffrail/events/http.h>
#include <taffrail/events/integration.h>
#include <taffrail/events/job.h>
#include <taffrail/events/oauth.h>
#include <taffrail/events/request_stats.h>
#include <taffrail/events/resources.h>
#include <taffrail/events/security.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>

namespace samples {

namespace events = taffrail::events;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

// What a program of one's own has.
struct Request {
  std::string method, path, route, user_agent, address;
};
struct Message {
  std::string id, request_id, body;
  int attempt = 1;
};
struct Task {
  std::string id;
};
extern std::function<int(const Request&)> handle;
extern std::function<void(const std::string&)> send_mail;
extern std::function<int(const std::string&)> put_object;

void ServeOne(const Request& request, const std::string& request_id) {
  // [http]
  const auto begun = std::chrono::steady_clock::now();
  const events::RequestStats stats;
  const events::RequestStatsScope counted(stats);
  const taffrail::Scope scope({{"request_id", request_id}});
  const int status = handle(request);
  events::http_request({.method = request.method,
                        .path = request.path,
                        .route = request.route,
                        .status_code = status,
                        .duration = std::chrono::steady_clock::now() - begun,
                        .user_agent = request.user_agent,
                        .ip_address = request.address,
                        .stats = &stats});
  // [/http]
}

void Apply(const Task& task, nanoseconds took) {
  // [application]
  events::use_case_executed(
      {.use_case = "create_task", .duration = took, .entity_type = "task", .entity_id = task.id});
  events::domain_event_published(
      {.domain_event = "TaskCreated", .aggregate_type = "task", .aggregate_id = task.id});
  const events::ValidationError errors[] = {{"title", "required"}, {"due", "in the past"}};
  events::validation_failed({.subject = "CreateTaskRequest", .errors = errors}, {{"form", "quick"}});
  // [/application]
}

void Query(nanoseconds took) {
  // [database]
  events::set_slow_query_threshold(50ms);
  events::query_executed({.statement = "SELECT * FROM tasks WHERE owner = $1",
                          .system = "postgresql",
                          .duration = took,
                          .rows = 3});
  events::pool_exhausted({.pool = "main", .connections_max = 6, .waited = 2s});
  // [/database]
}

void Upload(const std::string& url) {
  // [integration]
  events::IntegrationEvent call{
      .service = "s3", .operation = "PutObject", .method = "PUT", .url = url, .attempts_max = 3};
  events::integration_called(call);
  const auto begun = std::chrono::steady_clock::now();
  call.status_code = put_object(url);
  call.duration = std::chrono::steady_clock::now() - begun;
  if (call.status_code == 503) {
    call.retry_in = 250ms;
    events::integration_retried(call);
  } else {
    events::integration_responded(call);
  }
  // [/integration]

  // [kubernetes]
  events::integration_failed({.service = "kubernetes",
                              .operation = "patch deployment/api",
                              .method = "PATCH",
                              .error_message = "connection refused"},
                             {{"namespace", "production"}});
  // [/kubernetes]

  // [oauth-call]
  events::integration_responded({.service = "oauth-provider",
                                 .operation = "introspect",
                                 .method = "POST",
                                 .url = "https://id.example.com/oauth/introspect",
                                 .status_code = 200,
                                 .duration = 12ms});
  // [/oauth-call]
}

void Work(const Message& message) {
  // [job]
  events::JobScope job({.task_name = "send_mail",
                        .job_id = message.id,
                        .queue = "mail",
                        .attempt = message.attempt,
                        .request_id = message.request_id});
  try {
    send_mail(message.body);  // its lines carry job_id and request_id
  } catch (const std::exception& e) {
    if (message.attempt < 3) {
      job.retry(30s, {}, taffrail::error(e));
    } else {
      job.fail({}, taffrail::error(e));
    }
  }
  // [/job]
}

void Guard(const Request& request, const std::string& name, const std::string& api_key) {
  // [security]
  events::set_suspicion_policy({.failures = 5, .window = 300s});
  events::authentication_failed({.user_id = name,
                                 .auth_method = "password",
                                 .reason = "invalid_credentials",
                                 .ip_address = request.address,
                                 .user_agent = request.user_agent});
  events::permission_denied({.user_id = name, .action = "tasks.delete", .required = "member"});
  events::permission_changed({.user_id = "usr_admin",
                              .target_user_id = name,
                              .permission = "organization.role",
                              .before = "viewer",
                              .after = "member"});
  events::api_key_used({.api_key = api_key, .key_name = "ci", .action = "POST /api/v1/tasks"});
  // [/security]

  // [oauth]
  events::oauth_token_issued({.provider = "google",
                              .scopes = "calendar mail.read",
                              .user = name,
                              .ip_address = request.address,
                              .user_agent = request.user_agent});
  // [/oauth]
}

void Main(std::function<int64_t()> depth) {
  // [resources]
  const events::ResourceSampler sampler({.interval = 30s, .queue_depth = std::move(depth)});
  // [/resources]
}

}  // namespace samples
