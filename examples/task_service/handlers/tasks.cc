#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include <taffrail/context.h>
#include <taffrail/log.h>
#include <taffrail/request_id.h>
#include "http/error.h"
#include "json/object.h"
#include "json/writer.h"
#include "task_service/handlers/routes.h"

namespace task_service {
namespace {

namespace http = examples::http;
namespace json = examples::json;
using taffrail::kv;

const taffrail::Logger log("application");

constexpr std::array<std::string_view, 3> kStatuses = {"open", "in_progress", "done"};
constexpr size_t kTitleSizeMax = 500;  // bytes; a title is one line in a list
constexpr int64_t kPriorityMax = 3;
constexpr int64_t kPageMax = 100;  // what a screen can show, and no query grows without limit

void Write(json::Writer& out, const Task& task) {
  out.BeginObject();
  out.Field("id", task.id);
  out.Field("project_id", task.project_id);
  out.Field("title", task.title);
  out.Field("status", task.status);
  out.Field("priority", task.priority);
  out.Key("assignee_id");
  task.assignee_id.empty() ? out.Null() : out.Value(task.assignee_id);
  out.Field("created_by", task.created_by);
  out.Field("created_at", task.created_at);
  out.Field("updated_at", task.updated_at);
  out.Field("version", task.version);
  out.EndObject();
}

http::Response Answer(int status, const Task& task) {
  json::Writer out;
  Write(out, task);
  return {.status = status, .body = std::move(out).Take(), .headers = {}};
}

void LogSuccess(const taffrail::Event& event, const http::Request& request, const Task& task,
                int status_code) {
  const taffrail::Scope scope({{"task_id", task.id}, {"project_id", task.project_id}});
  log.info(event, kv("duration_ms", request.Elapsed()), kv("method", request.method),
           kv("path", request.path), kv("status_code", status_code));
}

json::Object ReadBody(const http::Request& request) {
  auto body = json::Object::Parse(request.body);
  if (!body) {
    throw http::Error(400, "the body is not a JSON object");
  }
  return *std::move(body);
}

// What is wrong with a field is collected, so that the caller learns all of it at once.
class Validator {
 public:
  explicit Validator(const json::Object& body) : body_(body) {}

  std::optional<std::string> Title() {
    auto title = body_.String("title");
    if (body_.Has("title") && (!title || title->empty() || title->size() > kTitleSizeMax)) {
      Complain("title", "must be a text of 1 to 500 bytes");
    }
    return title;
  }

  std::optional<int64_t> Priority() {
    const auto priority = body_.Integer("priority");
    if (body_.Has("priority") && (!priority || *priority < 0 || *priority > kPriorityMax)) {
      Complain("priority", "must be a number from 0 to 3");
    }
    return priority;
  }

  std::optional<std::string> Status() {
    auto status = body_.String("status");
    if (body_.Has("status") && (!status || std::ranges::find(kStatuses, *status) == kStatuses.end())) {
      Complain("status", "must be open, in_progress or done");
    }
    return status;
  }

  void Require(const char* name) {
    if (!body_.Has(name)) {
      Complain(name, "required");
    }
  }
  void Complain(const char* name, const char* error) { errors_.push_back({name, error}); }

  void ThrowIfAny() {
    if (!errors_.empty()) {
      throw http::Error(422, "the task is not valid", std::move(errors_));
    }
  }

 private:
  const json::Object& body_;
  std::vector<http::FieldError> errors_;
};

// The assignee must be one of the caller's own organization.
void CheckAssignee(Services& services, const Principal& caller, const std::string& user_id,
                   Validator& validator) {
  const auto user = services.repository.FindUser(user_id);
  if (!user || user->organization_id != caller.organization_id) {
    validator.Complain("assignee_id", "no such user");
  }
}

Task Find(Services& services, const Principal& caller, const http::Request& request) {
  auto task = services.repository.FindTask(caller.organization_id, request.Param("id"));
  if (!task) {
    throw http::Error(404, "no such task");
  }
  return *std::move(task);
}

http::Response List(Services& services, http::Request& request, const Principal& caller) {
  TaskFilter filter{.organization_id = caller.organization_id, .status = request.Query("status")};
  if (const auto limit = request.Query("limit")) {
    const auto [end, error] = std::from_chars(limit->data(), limit->data() + limit->size(), filter.limit);
    if (error != std::errc() || end != limit->data() + limit->size() || filter.limit < 1 ||
        filter.limit > kPageMax) {
      throw http::Error(422, "limit must be a number from 1 to 100", {{"limit", "out of range"}});
    }
  }
  const std::vector<Task> tasks = services.repository.ListTasks(filter);
  json::Writer out;
  out.BeginObject();
  out.Key("tasks");
  out.BeginArray();
  for (const Task& task : tasks) {
    Write(out, task);
  }
  out.EndArray();
  out.EndObject();
  log.debug("Tasks listed", kv("count", tasks.size()), kv("limit", filter.limit));
  return {.body = std::move(out).Take(), .headers = {}};
}

http::Response Read(Services& services, http::Request& request, const Principal& caller) {
  return Answer(200, Find(services, caller, request));
}

http::Response Create(Services& services, http::Request& request, const Principal& caller) {
  RequireMember(caller, request, "task.create");
  const json::Object body = ReadBody(request);
  Validator validator(body);
  validator.Require("title");
  validator.Require("project_id");
  Task task{.id = "tsk_" + taffrail::generate_id().substr(4),  // "req_" is for requests
            .organization_id = caller.organization_id,
            .project_id = body.String("project_id").value_or(""),
            .title = validator.Title().value_or(""),
            .status = "open",
            .priority = validator.Priority().value_or(1),
            .assignee_id = body.String("assignee_id").value_or(""),
            .created_by = caller.user_id,
            .created_at = static_cast<int64_t>(std::time(nullptr))};
  task.updated_at = task.created_at;
  validator.ThrowIfAny();
  if (!services.repository.ProjectExists(caller.organization_id, task.project_id)) {
    validator.Complain("project_id", "no such project");
  }
  if (!task.assignee_id.empty()) {
    CheckAssignee(services, caller, task.assignee_id, validator);
  }
  validator.ThrowIfAny();
  services.repository.InsertTask(task);
  LogSuccess("Task created successfully", request, task, 201);
  if (!task.assignee_id.empty()) {
    NotifyLater(services, "notify_assignee", task.assignee_id, "A task was assigned to you");
  }
  return Answer(201, task);
}

http::Response Change(Services& services, http::Request& request, const Principal& caller) {
  RequireMember(caller, request, "task.update");
  const json::Object body = ReadBody(request);
  const Task before = Find(services, caller, request);
  Validator validator(body);
  validator.Require("version");
  const TaskChange change{.title = validator.Title(),
                          .status = validator.Status(),
                          .priority = validator.Priority(),
                          .assignee_id = body.String("assignee_id")};
  if (change.assignee_id) {
    CheckAssignee(services, caller, *change.assignee_id, validator);
  }
  validator.ThrowIfAny();
  const int64_t version = body.Integer("version").value_or(0);
  if (!services.repository.UpdateTask(before, change, version)) {
    log.warning("Task changed meanwhile", kv("task_id", before.id), kv("version", before.version),
                kv("expected_version", version), kv("method", request.method), kv("path", request.path),
                kv("status_code", 409));
    throw http::Error(409, "the task has changed since this version; read it again");
  }
  const Task after = Find(services, caller, request);
  LogSuccess("Task updated successfully", request, after, 200);
  if (change.assignee_id) {
    NotifyLater(services, "notify_assignee", *change.assignee_id, "A task was assigned to you");
  } else if (change.status == "done" && before.status != "done") {
    NotifyLater(services, "notify_creator", before.created_by, "Your task is done");
  }
  return Answer(200, after);
}

http::Response Remove(Services& services, http::Request& request, const Principal& caller) {
  RequireMember(caller, request, "task.delete");
  const Task task = Find(services, caller, request);
  services.repository.DeleteTask(caller.organization_id, task.id);
  LogSuccess("Task deleted successfully", request, task, 204);
  return {.status = 204, .body = {}, .headers = {}};
}

}  // namespace

void AddTaskRoutes(http::Router& router, Services& services) {
  const auto add = [&](const char* method, const char* route, auto handler) {
    router.Add(method, route,
               Authenticated(services, [&services, handler](auto& request, const auto& principal) {
                 return handler(services, request, principal);
               }));
  };
  add("GET", "/api/v1/tasks", List);
  add("POST", "/api/v1/tasks", Create);
  add("GET", "/api/v1/tasks/{id}", Read);
  add("PATCH", "/api/v1/tasks/{id}", Change);
  add("DELETE", "/api/v1/tasks/{id}", Remove);
}

}  // namespace task_service
