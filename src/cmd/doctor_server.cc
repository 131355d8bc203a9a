#include <fmt/format.h>

#include "cmd/doctor_checks.h"
#include "cmd/human.h"
#include "cmd/server_client.h"
#include "net/http_client.h"

namespace taffrail::cmd {
namespace {

constexpr int64_t kPatienceMs = 5'000;  // a healthy server answers in a millisecond

Finding Ask(const std::string& url, const std::string& path, const std::string& subject,
            const std::string& mend) {
  net::HttpClient client;
  net::HttpClientRequest request;
  request.url = url + path;
  request.connect_timeout_ms = kPatienceMs;
  request.total_timeout_ms = kPatienceMs;
  const auto response = client.Send(request);
  if (!response.ok()) return {Health::kBad, subject, std::string(response.status().message()), mend};
  if (response->status < 300) return {Health::kGood, subject, url + path, ""};
  return {Health::kBad, subject, std::string(ErrorOf(url, *response).message()), mend};
}

}  // namespace

std::vector<Finding> CheckServer(const std::string& url) {
  std::vector<Finding> findings = {
      Ask(url, "/healthz", "server",
          "start one: `taffrail serve --data DIR`, or say where it is with --url or $TAFFRAIL_URL")};
  if (findings.front().health != Health::kGood) return findings;
  findings.push_back(
      Ask(url, "/readyz", "ready", "see the server's own log, and `taffrail doctor --data DIR`"));
  return findings;
}

}  // namespace taffrail::cmd
