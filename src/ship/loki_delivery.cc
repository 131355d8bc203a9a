#include "ship/loki_delivery.h"

#include <string>
#include <utility>

namespace taffrail::ship {
namespace {

using Outcome = Delivery::Outcome;

bool IsAboutTheLines(int status) { return status == 400 || status == 413 || status == 422; }

}  // namespace

void LokiDelivery::cancel() {
  cancelled_.store(true);
  client_.Cancel();
}

Delivery LokiDelivery::deliver(const Batch& batch) {
  if (cancelled_.load()) return {.outcome = Outcome::kRetry, .reason = "the program ends"};
  const auto response = client_.Send(Request(batch));
  if (!response.ok()) return {.outcome = Outcome::kRetry, .reason = std::string(response.status().message())};
  if (response->status / 100 == 2) return {};
  constexpr size_t kReasonBytes = 200;  // of the answer: it is for one line on a console, or in a file
  return {.outcome = IsAboutTheLines(response->status) ? Outcome::kRefused : Outcome::kRetry,
          .reason =
              "answered " + std::to_string(response->status) + ": " + response->body.substr(0, kReasonBytes),
          .retry_after_ms = response->retry_after_ms.value_or(0)};
}

net::HttpClientRequest LokiDelivery::Request(const Batch& batch) {
  for (const Entry& entry : batch.entries) body_.Add(entry.level, entry.time_ns, entry.line);
  net::HttpClientRequest request{.method = "POST",
                                 .url = config_.url + "/loki/api/v1/push",
                                 .headers = {{"Content-Type", "application/json"}},
                                 .body = body_.Finish(),
                                 .total_timeout_ms = config_.request_timeout_ms};
  if (config_.gzip) {
    request.body = Gzip(request.body);
    request.headers.Add("Content-Encoding", "gzip");
  }
  if (!config_.tenant.empty()) request.headers.Add("X-Scope-OrgID", config_.tenant);
  for (const auto& [name, value] : config_.headers) request.headers.Add(name, value);
  return request;
}

}  // namespace taffrail::ship
