// An HTTP client over libcurl. One connection kept alive per host; TLS certificates are verified; answers in
// gzip, deflate or zstd are decoded.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "net/headers.h"

namespace taffrail::net {

struct HttpClientRequest {
  std::string method = "GET";
  std::string url;
  Headers headers;
  std::string body;
  int64_t connect_timeout_ms = 5'000;
  int64_t total_timeout_ms = 60'000;  // 0: none (a tail)
  // With no total timeout: give up when not a byte came for so long; 0: wait for ever.
  int64_t idle_timeout_ms = 0;
  size_t max_response_bytes = 64 << 20;  // of a whole (not streamed) answer: memory, not protocol
};

struct HttpClientResponse {
  int status = 0;
  Headers headers;
  std::string body;
  std::optional<int64_t> retry_after_ms;  // from Retry-After, in seconds or as a date
};

// One at a time per client: not thread-safe, and cheap to have several of.
class HttpClient {
 public:
  struct Options {
    bool verify_tls = true;
    std::string ca_file;  // empty: the system's
    std::string user_agent = "taffrail";
  };

  HttpClient();
  explicit HttpClient(Options options);
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  // Any HTTP status is an answer, not an error. Unavailable when no answer came (the message names host and
  // port and what to look at), DeadlineExceeded on a timeout, InvalidArgument for a malformed URL,
  // ResourceExhausted for an answer beyond max_response_bytes. Redirects are not followed.
  absl::StatusOr<HttpClientResponse> Send(const HttpClientRequest& request);

  // Streams the body of the answer as it comes. on_headers (may be empty) sees status and headers first;
  // either returns false to stop, which gives Cancelled. The response returned has no body. For an HTTP error
  // (status >= 400) on_data is not called and the body, cut at 64 KiB, is in the response.
  using OnHeaders = std::function<bool(const HttpClientResponse&)>;
  using OnData = std::function<bool(std::string_view)>;
  absl::StatusOr<HttpClientResponse> Stream(const HttpClientRequest& request, OnHeaders on_headers,
                                            OnData on_data);

  // Sends the body as it is pulled: next fills its argument and returns false at the end. Chunked.
  using NextChunk = std::function<absl::StatusOr<bool>(std::string&)>;
  absl::StatusOr<HttpClientResponse> Upload(const HttpClientRequest& request, NextChunk next);

  // From any thread: makes the transfer under way return Cancelled soon (within about a second).
  void Cancel();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// "120" or an HTTP date (RFC 9110 §10.2.3) as a wait from now_ns (Unix time); nothing when it is neither.
std::optional<int64_t> ParseRetryAfterMs(std::string_view value, int64_t now_ns);

}  // namespace taffrail::net
