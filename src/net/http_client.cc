#include "net/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>

#include "base/env.h"

namespace taffrail::net {
namespace {

constexpr size_t kMaxErrorBodyBytes = 64
                                      << 10;  // of a streamed request's error: a problem document, with room

void InitializeCurlOnce() {
  static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);  // thread-safe by the language
  (void)result;
}

struct UrlParts {
  std::string host;
  std::string port;
};

absl::StatusOr<UrlParts> ParseUrl(const std::string& url) {
  const auto invalid = [&](std::string_view what) {
    return absl::InvalidArgumentError(
        fmt::format("'{}' is not a usable URL: {}; it looks like http://127.0.0.1:4880/path", url, what));
  };
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), &curl_url_cleanup);
  if (const CURLUcode code = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0); code != CURLUE_OK) {
    return invalid(curl_url_strerror(code));
  }
  const auto part = [&](CURLUPart which) {
    char* text = nullptr;
    std::string value;
    if (curl_url_get(parsed.get(), which, &text, CURLU_DEFAULT_PORT) == CURLUE_OK) value = text;
    curl_free(text);
    return value;
  };
  const std::string scheme = part(CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return invalid("the scheme is neither http nor https");
  return UrlParts{part(CURLUPART_HOST), part(CURLUPART_PORT)};
}

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// One request under way: what curl calls back into.
struct Transfer {
  HttpClientResponse response;
  HttpClient::OnHeaders on_headers;
  HttpClient::OnData on_data;        // empty: the body is collected
  HttpClient::NextChunk next_chunk;  // empty: the body is sent by curl itself
  size_t max_response_bytes = 0;
  std::atomic<bool>* cancelled = nullptr;
  absl::Status stopped;  // why a callback ended the transfer

  std::string upload_chunk;
  size_t upload_sent = 0;

  bool Stop(absl::Status why) {
    stopped = std::move(why);
    return false;
  }

  bool OnHeaderLine(std::string_view line) {
    if (line.starts_with("HTTP/")) {  // a new head: what came before was "100 Continue"
      response.headers = {};
      response.status = 0;
      const std::string_view rest = Trim(line.substr(std::min(line.find(' '), line.size())));
      std::from_chars(rest.data(), rest.data() + rest.size(), response.status);
      return true;
    }
    line = Trim(line);
    if (line.empty()) return response.status < 200 || OnHeadersEnd();
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return true;
    response.headers.Add(std::string(Trim(line.substr(0, colon))), std::string(Trim(line.substr(colon + 1))));
    return true;
  }

  bool OnHeadersEnd() {
    const int64_t now_ns = base::Env::Posix().NowNs();
    response.retry_after_ms = ParseRetryAfterMs(response.headers.Get("Retry-After"), now_ns);
    if (on_headers && !on_headers(response)) return Stop(absl::CancelledError("stopped by the caller"));
    return true;
  }

  bool OnBody(std::string_view data) {
    if (on_data && response.status < 400) {
      return on_data(data) || Stop(absl::CancelledError("stopped by the caller"));
    }
    if (on_data) {
      response.body +=
          data.substr(0, kMaxErrorBodyBytes - std::min(kMaxErrorBodyBytes, response.body.size()));
      return true;
    }
    if (response.body.size() + data.size() > max_response_bytes) {
      return Stop(absl::ResourceExhaustedError(
          fmt::format("the answer is longer than {} bytes", max_response_bytes)));
    }
    response.body += data;
    return true;
  }

  size_t FillUpload(char* out, size_t size) {
    if (upload_sent == upload_chunk.size()) {
      upload_chunk.clear();
      upload_sent = 0;
      while (upload_chunk.empty()) {  // zero bytes would mean the end to curl
        const absl::StatusOr<bool> more = next_chunk(upload_chunk);
        if (!more.ok()) {
          stopped = more.status();
          return CURL_READFUNC_ABORT;
        }
        if (!*more) return 0;
      }
    }
    const size_t taken = std::min(size, upload_chunk.size() - upload_sent);
    std::copy_n(upload_chunk.data() + upload_sent, taken, out);
    upload_sent += taken;
    return taken;
  }
};

size_t HeaderCallback(char* data, size_t, size_t size, void* user) {
  return static_cast<Transfer*>(user)->OnHeaderLine({data, size}) ? size : 0;
}
size_t WriteCallback(char* data, size_t, size_t size, void* user) {
  return static_cast<Transfer*>(user)->OnBody({data, size}) ? size : 0;
}
size_t ReadCallback(char* out, size_t item, size_t count, void* user) {
  return static_cast<Transfer*>(user)->FillUpload(out, item * count);
}
int ProgressCallback(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto* transfer = static_cast<Transfer*>(user);
  if (!transfer->cancelled->load()) return 0;
  transfer->Stop(absl::CancelledError("cancelled"));
  return 1;
}

std::string_view AdviceFor(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "; check the host name";
    case CURLE_COULDNT_CONNECT:
      return "; is the server running there?";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return "; if the certificate is your own, name its CA file";
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
      return "; the server closed the connection: look at its log";
    default:
      return "";
  }
}

absl::Status ErrorFor(CURLcode code, const char* detail, const UrlParts& url) {
  const std::string what = fmt::format("{}:{}: {}{}", url.host, url.port,
                                       *detail != '\0' ? detail : curl_easy_strerror(code), AdviceFor(code));
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return absl::DeadlineExceededError(fmt::format("no answer in time from {}", what));
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return absl::InvalidArgumentError(what);
    case CURLE_BAD_CONTENT_ENCODING:
      return absl::DataLossError(fmt::format("a damaged answer from {}", what));
    default:
      return absl::UnavailableError(fmt::format("cannot reach {}", what));
  }
}

struct HeaderLines {
  ~HeaderLines() { curl_slist_free_all(list); }
  void Add(const std::string& line) { list = curl_slist_append(list, line.c_str()); }
  curl_slist* list = nullptr;
};

absl::Status BuildHeaders(const Headers& headers, HeaderLines& lines) {
  for (const Header& header : headers) {
    if ((header.name + header.value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return absl::InvalidArgumentError(fmt::format("the header {} holds a line break or NUL", header.name));
    }
    // curl's spelling of a field with an empty value ends in a semicolon; with a colon it would drop the
    // field.
    lines.Add(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
  }
  if (!headers.Has("Content-Type")) lines.Add("Content-Type:");  // curl would call any body a form
  return absl::OkStatus();
}

}  // namespace

class HttpClient::Impl {
 public:
  explicit Impl(Options options) : options_(std::move(options)) {
    InitializeCurlOnce();
    curl_ = curl_easy_init();
  }
  ~Impl() { curl_easy_cleanup(curl_); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  absl::StatusOr<HttpClientResponse> Perform(const HttpClientRequest& request, Transfer& transfer) {
    TAFFRAIL_ASSIGN_OR_RETURN(const UrlParts url, ParseUrl(request.url));
    HeaderLines headers;
    TAFFRAIL_RETURN_IF_ERROR(BuildHeaders(request.headers, headers));
    cancelled_ = false;
    transfer.cancelled = &cancelled_;
    transfer.max_response_bytes = request.max_response_bytes;
    char detail[CURL_ERROR_SIZE] = "";
    curl_easy_reset(curl_);  // forgets the options, keeps the connections
    SetConnection(request, detail);
    SetMethod(request, transfer);
    SetCallbacks(transfer);
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers.list);
    const CURLcode code = curl_easy_perform(curl_);
    if (!transfer.stopped.ok()) return transfer.stopped;
    if (code != CURLE_OK) return ErrorFor(code, detail, url);
    return std::move(transfer.response);
  }

  void Cancel() { cancelled_ = true; }

 private:
  void SetConnection(const HttpClientRequest& request, char* detail) {
    curl_easy_setopt(curl_, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);  // signals belong to the program
    curl_easy_setopt(curl_, CURLOPT_ERRORBUFFER, detail);
    curl_easy_setopt(curl_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout_ms));
    curl_easy_setopt(curl_, CURLOPT_TIMEOUT_MS, static_cast<long>(request.total_timeout_ms));
    if (request.idle_timeout_ms > 0) {
      curl_easy_setopt(curl_, CURLOPT_LOW_SPEED_LIMIT, 1L);
      curl_easy_setopt(curl_, CURLOPT_LOW_SPEED_TIME,
                       static_cast<long>((request.idle_timeout_ms + 999) / 1000));
    }
    curl_easy_setopt(curl_, CURLOPT_SSL_VERIFYPEER, options_.verify_tls ? 1L : 0L);
    curl_easy_setopt(curl_, CURLOPT_SSL_VERIFYHOST, options_.verify_tls ? 2L : 0L);
    if (!options_.ca_file.empty()) curl_easy_setopt(curl_, CURLOPT_CAINFO, options_.ca_file.c_str());
    curl_easy_setopt(curl_, CURLOPT_USERAGENT, options_.user_agent.c_str());
    curl_easy_setopt(curl_, CURLOPT_ACCEPT_ENCODING, "");  // every encoding this curl decodes
  }

  void SetMethod(const HttpClientRequest& request, Transfer& transfer) {
    if (transfer.next_chunk) {
      curl_easy_setopt(curl_, CURLOPT_UPLOAD, 1L);  // of unknown size: chunked
      // What was pulled cannot be pulled again, so no old connection that may prove dead.
      curl_easy_setopt(curl_, CURLOPT_FRESH_CONNECT, 1L);
    } else if (request.method == "HEAD") {
      curl_easy_setopt(curl_, CURLOPT_NOBODY, 1L);
    } else if (request.method != "GET" || !request.body.empty()) {
      curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, request.body.data());  // borrowed for the transfer
    }
    if (request.method != "HEAD") curl_easy_setopt(curl_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  void SetCallbacks(Transfer& transfer) {
    curl_easy_setopt(curl_, CURLOPT_HEADERFUNCTION, &HeaderCallback);
    curl_easy_setopt(curl_, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &WriteCallback);
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(curl_, CURLOPT_READFUNCTION, &ReadCallback);
    curl_easy_setopt(curl_, CURLOPT_READDATA, &transfer);
    curl_easy_setopt(curl_, CURLOPT_XFERINFOFUNCTION, &ProgressCallback);
    curl_easy_setopt(curl_, CURLOPT_XFERINFODATA, &transfer);
    curl_easy_setopt(curl_, CURLOPT_NOPROGRESS, 0L);
  }

  const Options options_;
  CURL* curl_ = nullptr;
  std::atomic<bool> cancelled_ = false;
};

HttpClient::HttpClient() : HttpClient(Options{}) {}
HttpClient::HttpClient(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

absl::StatusOr<HttpClientResponse> HttpClient::Send(const HttpClientRequest& request) {
  Transfer transfer;
  return impl_->Perform(request, transfer);
}

absl::StatusOr<HttpClientResponse> HttpClient::Stream(const HttpClientRequest& request, OnHeaders on_headers,
                                                      OnData on_data) {
  Transfer transfer;
  transfer.on_headers = std::move(on_headers);
  transfer.on_data = std::move(on_data);
  return impl_->Perform(request, transfer);
}

absl::StatusOr<HttpClientResponse> HttpClient::Upload(const HttpClientRequest& request, NextChunk next) {
  Transfer transfer;
  transfer.next_chunk = std::move(next);
  return impl_->Perform(request, transfer);
}

void HttpClient::Cancel() { impl_->Cancel(); }

std::optional<int64_t> ParseRetryAfterMs(std::string_view value, int64_t now_ns) {
  value = Trim(value);
  if (value.empty()) return std::nullopt;
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error == std::errc() && end == value.data() + value.size()) {
    constexpr int64_t kMaxSeconds = 365 * 86'400;  // keeps the product far from overflow
    if (seconds < 0) return std::nullopt;
    return std::min(seconds, kMaxSeconds) * 1000;
  }
  const time_t date = curl_getdate(std::string(value).c_str(), nullptr);
  if (date == -1) return std::nullopt;
  return std::max<int64_t>(0, static_cast<int64_t>(date) * 1000 - now_ns / 1'000'000);
}

}  // namespace taffrail::net
