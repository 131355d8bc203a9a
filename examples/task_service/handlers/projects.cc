#include "json/writer.h"
#include "task_service/handlers/routes.h"

namespace task_service {

namespace http = examples::http;

void AddProjectRoutes(http::Router& router, Services& services) {
  router.Add("GET", "/api/v1/projects",
             Authenticated(services, [&services](http::Request&, const Principal& caller) {
               examples::json::Writer out;
               out.BeginObject();
               out.Key("projects");
               out.BeginArray();
               for (const Project& project : services.repository.ListProjects(caller.organization_id)) {
                 out.BeginObject();
                 out.Field("id", project.id);
                 out.Field("name", project.name);
                 out.Field("task_count", project.task_count);
                 out.EndObject();
               }
               out.EndArray();
               out.EndObject();
               return http::Response{.body = std::move(out).Take(), .headers = {}};
             }));
}

}  // namespace task_service
