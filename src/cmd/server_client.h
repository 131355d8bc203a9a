// Talks to a Taffrail server: where it is, and its answers and errors as Status.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "net/http_client.h"
#include "net/url.h"

namespace taffrail::cmd {

inline constexpr std::string_view kDefaultUrl = "http://127.0.0.1:4880";

// The URL given, else $TAFFRAIL_URL, else the default; without a slash at its end. InvalidArgument when it is
// no http(s) URL; "host:port" alone gets its "http://".
absl::StatusOr<std::string> ServerUrl(std::string_view given);

// Whose lines a server with tenants is asked for; from the environment.
inline constexpr char kTenantVariable[] = "TAFFRAIL_TENANT";

// Not thread-safe, except Cancel.
class ServerClient {
 public:
  // Each request names the tenant of $TAFFRAIL_TENANT, if there is one.
  explicit ServerClient(std::string url);

  const std::string& url() const { return url_; }

  // The body of a 2xx answer; else ErrorOf(answer).
  absl::StatusOr<std::string> Get(std::string_view path, const net::QueryParameters& query);
  // Any HTTP answer; ErrorOf tells what an error means. The body is lent, not copied: afterwards it is as
  // before.
  absl::StatusOr<net::HttpClientResponse> Post(std::string_view path, const net::QueryParameters& query,
                                               net::Headers headers, std::string& body);
  // Streams the body of a 2xx answer. Ok also when on_data returned false. `received` is given the answer's
  // headers, if there is a whole answer; may be null.
  absl::Status Stream(std::string_view path, const net::QueryParameters& query, net::Headers headers,
                      const net::HttpClient::OnData& on_data, int64_t idle_timeout_ms,
                      net::Headers* received = nullptr);
  void Cancel() { client_.Cancel(); }

 private:
  std::string UrlOf(std::string_view path, const net::QueryParameters& query) const;

  void AddTenant(net::Headers& headers) const;

  const std::string url_;
  const std::string tenant_;  // empty: none
  net::HttpClient client_;
};

// What an answer of status >= 400 means: the detail of its problem document, with the code that has the right
// exit code. 400, 413, 415, 422: InvalidArgument; 404: NotFound; 408, 429, 502, 503, 504: Unavailable; …
absl::Status ErrorOf(const std::string& url, const net::HttpClientResponse& response);

// The messages of the server's notes on a query (server/query_notes.h); empty for anything else.
std::vector<std::string> NoteMessages(std::string_view json);

}  // namespace taffrail::cmd
