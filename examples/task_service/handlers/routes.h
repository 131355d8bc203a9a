// The API's routes, one file a family.
#pragma once

#include <functional>
#include <string>

#include "http/router.h"
#include "task_service/authentication.h"
#include "task_service/database/repository.h"
#include "task_service/failed_logins.h"
#include "task_service/jobs/queue.h"

namespace task_service {

// What handlers work with; lives as long as the server.
struct Services {
  Repository& repository;
  OAuthClient& oauth;
  Authentication& authentication;
  FailedLogins& failed_logins;
  JobQueue& jobs;
  bool allow_faults = false;
};

void AddLoginRoutes(examples::http::Router& router,
                    Services& services);                                 // POST /api/v1/login, /api/v1/logout
void AddTaskRoutes(examples::http::Router& router, Services& services);  // /api/v1/tasks[/{id}]
void AddProjectRoutes(examples::http::Router& router, Services& services);  // GET /api/v1/projects
void AddReportRoutes(examples::http::Router& router, Services& services);   // GET /api/v1/reports/{id}

// A handler that runs for a caller who is known, with user_id and organization_id on all its lines.
using UserHandler = std::function<examples::http::Response(examples::http::Request&, const Principal&)>;
examples::http::Handler Authenticated(Services& services, UserHandler handler);

// Mails the user about it later, on the worker.
void NotifyLater(Services& services, const std::string& task_name, const std::string& user_id,
                 const std::string& subject);

}  // namespace task_service
