#include "server/refusal.h"

#include <string>

#include "elastic/answer.h"
#include "net/problem.h"
#include "server/elastic_request.h"

namespace taffrail::server {
namespace {

bool IsBelow(const net::HttpRequest& request, std::string_view root) {
  return request.path.starts_with(root) &&
         (request.path.size() == root.size() || request.path[root.size()] == '/');
}

}  // namespace

net::HttpAnswer RefusalOf(const net::HttpRequest& request, const absl::Status& status) {
  net::HttpAnswer answer;
  answer.status = net::HttpStatusOf(status);
  const std::string message(status.message());
  if (IsBelow(request, "/loki")) {
    answer.headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"X-Content-Type-Options", "nosniff"}};
    answer.body = message + "\n";
  } else if (IsBelow(request, kElasticRoot) || request.path.starts_with("/_")) {
    answer.headers = {{"Content-Type", "application/json"}, {"X-Elastic-Product", "Elasticsearch"}};
    const std::string_view type = answer.status == 401   ? "security_exception"
                                  : answer.status == 429 ? "es_rejected_execution_exception"
                                  : answer.status < 500  ? "illegal_argument_exception"
                                                         : "exception";
    answer.body = elastic::ErrorDocument(std::string(type), message, answer.status, {});
  } else {
    answer.headers = {{"Content-Type", std::string(net::kProblemContentType)}};
    answer.body = net::ProblemDocument(answer.status, net::ReasonPhrase(answer.status), message);
  }
  if (answer.status == 429 || answer.status == 503) answer.headers.Add("Retry-After", "1");
  return answer;
}

net::HttpAnswer TooManyQueries(const net::HttpRequest& request) {
  // Loki's words, which its clients know.
  return RefusalOf(request, absl::ResourceExhaustedError("too many outstanding requests"));
}

}  // namespace taffrail::server
