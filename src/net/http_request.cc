// HttpRequest's body reading and HttpResponder's error answers: the parts of http_server.h without a socket.
#include <fmt/format.h>

#include "net/http_server.h"

namespace taffrail::net {

std::string_view HttpRequest::PathParameter(std::string_view name) const {
  for (const auto& [parameter, value] : path_parameters) {
    if (parameter == name) return value;
  }
  return {};
}

absl::StatusOr<bool> HttpRequest::ReadBody(std::string& chunk) {
  chunk.clear();
  if (!body_error_.ok()) return body_error_;
  if (body_ == nullptr) return false;
  absl::StatusOr<bool> more = body_->Read(chunk);
  if (!more.ok()) {
    body_error_ = more.status();
    return body_error_;
  }
  if (!*more) return false;
  body_read_bytes_ += chunk.size();
  if (body_read_bytes_ > body_limit_bytes_) {
    chunk.clear();
    body_error_ = WithHttpStatus(
        absl::ResourceExhaustedError(fmt::format("the body is longer than {} bytes", body_limit_bytes_)),
        413);
    return body_error_;
  }
  return true;
}

absl::StatusOr<std::string> HttpRequest::ReadWholeBody(uint64_t limit_bytes) {
  SetBodyLimit(limit_bytes);
  std::string body;
  std::string chunk;
  while (true) {
    TAFFRAIL_ASSIGN_OR_RETURN(const bool more, ReadBody(chunk));
    if (!more) return body;
    if (body.empty()) {
      body.swap(chunk);
    } else {
      body += chunk;
    }
  }
}

void HttpResponder::SendProblem(int status, std::string_view detail, const std::vector<ProblemField>& extra) {
  Headers headers = {{"Content-Type", std::string(kProblemContentType)}};
  // Both mean "not now": a client that backs off needs a hint, and one second is about a group commit and a
  // merge.
  if (status == 429 || status == 503) headers.Add("Retry-After", "1");
  Send(status, std::move(headers), ProblemDocument(status, ReasonPhrase(status), detail, extra));
}

void HttpResponder::SendError(const absl::Status& error) {
  const absl::string_view message = error.message();
  SendProblem(HttpStatusOf(error), {message.data(), message.size()});
}

}  // namespace taffrail::net
