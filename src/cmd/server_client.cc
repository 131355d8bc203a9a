#include "cmd/server_client.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <cstdlib>

#include "net/problem.h"
#include "server/tenant_id.h"

namespace taffrail::cmd {
namespace {

constexpr int64_t kRequestTimeoutMs = 60'000;

std::string Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

// The "detail" (or else "title") of an RFC 9457 document; empty for anything else.
std::string ProblemText(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(body).get(document) != simdjson::SUCCESS) return {};
  std::string_view text;
  if (document["detail"].get(text) == simdjson::SUCCESS) return std::string(text);
  if (document["title"].get(text) == simdjson::SUCCESS) return std::string(text);
  return {};
}

absl::StatusCode CodeOf(int http_status) {
  switch (http_status) {
    case 400:
    case 413:
    case 415:
    case 422:
      return absl::StatusCode::kInvalidArgument;
    case 401:
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
    case 405:
      return absl::StatusCode::kNotFound;
    case 408:
    case 429:
    case 502:
    case 503:
    case 504:
      return absl::StatusCode::kUnavailable;
    case 507:
      return absl::StatusCode::kResourceExhausted;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

absl::StatusOr<std::string> ServerUrl(std::string_view given) {
  std::string url(given);
  if (url.empty()) {
    url = Variable("TAFFRAIL_URL");
    if (url.empty()) url = kDefaultUrl;
  }
  if (url.find("://") == std::string::npos) url.insert(0, "http://");
  if (url.rfind("http://", 0) != 0 && url.rfind("https://", 0) != 0) {
    return absl::InvalidArgumentError(
        fmt::format("{} is not an http or https URL; give one like {}", url, kDefaultUrl));
  }
  while (url.back() == '/') url.pop_back();
  return url;
}

std::vector<std::string> NoteMessages(std::string_view json) {
  std::vector<std::string> messages;
  simdjson::dom::parser parser;
  simdjson::dom::array notes;
  if (parser.parse(simdjson::padded_string(json)).get_array().get(notes) != simdjson::SUCCESS)
    return messages;
  for (const simdjson::dom::element& note : notes) {
    std::string_view message;
    if (note["message"].get(message) == simdjson::SUCCESS) messages.emplace_back(message);
  }
  return messages;
}

absl::Status ErrorOf(const std::string& url, const net::HttpClientResponse& response) {
  std::string text = ProblemText(response.body);
  if (response.status == 401 && text == server::kNoTenant)
    text += fmt::format("; this server has tenants: say whose lines with --tenant or ${}", kTenantVariable);
  if (text.empty()) {
    text = fmt::format("{} {}; is {} a Taffrail server?", response.status, net::ReasonPhrase(response.status),
                       url);
  }
  return absl::Status(CodeOf(response.status), text);
}

ServerClient::ServerClient(std::string url) : url_(std::move(url)), tenant_(Variable(kTenantVariable)) {}

void ServerClient::AddTenant(net::Headers& headers) const {
  if (!tenant_.empty()) headers.Add(std::string(server::kTenantHeader), tenant_);
}

std::string ServerClient::UrlOf(std::string_view path, const net::QueryParameters& query) const {
  std::string url = url_ + std::string(path);
  if (!query.empty()) url += "?" + query.Build();
  return url;
}

absl::StatusOr<std::string> ServerClient::Get(std::string_view path, const net::QueryParameters& query) {
  net::HttpClientRequest request;
  request.url = UrlOf(path, query);
  AddTenant(request.headers);
  request.total_timeout_ms = kRequestTimeoutMs;
  TAFFRAIL_ASSIGN_OR_RETURN(net::HttpClientResponse response, client_.Send(request));
  if (response.status >= 300) return ErrorOf(url_, response);
  return std::move(response.body);
}

absl::StatusOr<net::HttpClientResponse> ServerClient::Post(std::string_view path,
                                                           const net::QueryParameters& query,
                                                           net::Headers headers, std::string& body) {
  net::HttpClientRequest request;
  request.method = "POST";
  request.url = UrlOf(path, query);
  request.headers = std::move(headers);
  AddTenant(request.headers);
  request.body = std::move(body);
  request.total_timeout_ms = kRequestTimeoutMs;
  auto response = client_.Send(request);
  body = std::move(request.body);
  return response;
}

absl::Status ServerClient::Stream(std::string_view path, const net::QueryParameters& query,
                                  net::Headers headers, const net::HttpClient::OnData& on_data,
                                  int64_t idle_timeout_ms, net::Headers* received) {
  net::HttpClientRequest request;
  request.url = UrlOf(path, query);
  request.headers = std::move(headers);
  AddTenant(request.headers);
  request.total_timeout_ms = 0;  // as long as lines come
  request.idle_timeout_ms = idle_timeout_ms;
  bool stopped = false;
  const auto watch = [&](std::string_view data) {
    stopped = !on_data(data);
    return !stopped;
  };
  absl::StatusOr<net::HttpClientResponse> response = client_.Stream(request, nullptr, watch);
  if (stopped) return absl::OkStatus();
  TAFFRAIL_RETURN_IF_ERROR(response.status());
  if (received != nullptr) *received = response->headers;
  return response->status >= 300 ? ErrorOf(url_, *response) : absl::OkStatus();
}

}  // namespace taffrail::cmd
