#include "server/admin_gate.h"

#include <fmt/format.h>

#include "server/own_lines.h"

namespace taffrail::server {
namespace {

constexpr std::string_view kScheme = "Bearer ";

// The token, when the request has one. The name of the scheme is in any case, as RFC 9110 says.
std::string_view TokenOf(const net::HttpRequest& request) {
  const std::string_view given = request.headers.Get("Authorization");
  if (given.size() < kScheme.size()) return {};
  if (!net::EqualsIgnoringCase(given.substr(0, kScheme.size()), kScheme)) return {};
  return given.substr(kScheme.size());
}

// In a time that does not depend on where they differ; being digests, they are also of one length.
bool AreEqual(const audit::Hash& a, const audit::Hash& b) {
  volatile uint8_t difference = 0;
  for (size_t i = 0; i < a.size(); ++i) difference = static_cast<uint8_t>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

}  // namespace

AdminGate::AdminGate(std::string_view token, ingest::Pipeline& pipeline)
    : is_open_(!token.empty()), digest_(audit::Sha256(token)), pipeline_(pipeline) {}

bool AdminGate::Admits(const net::HttpRequest& request, net::HttpResponder& responder) {
  const bool is_right = AreEqual(audit::Sha256(TokenOf(request)), digest_);
  if (is_open_ && is_right) return true;
  ++refused_;
  SayRefused(request);
  if (!is_open_) {
    responder.SendProblem(
        403,
        "this server has no admin token, and so nobody may do this over HTTP: set "
        "TAFFRAIL_ADMIN_TOKEN or http.admin_token and start it again, or use `taffrail store` "
        "on its directory");
    return false;
  }
  const std::string problem =
      net::ProblemDocument(401, net::ReasonPhrase(401),
                           "this needs the server's admin token, as in `Authorization: Bearer TOKEN`");
  responder.Send(401,
                 {{"Content-Type", std::string(net::kProblemContentType)}, {"WWW-Authenticate", "Bearer"}},
                 problem);
  return false;
}

void AdminGate::SayRefused(const net::HttpRequest& request) {
  const int64_t now_ns = pipeline_.env().MonotonicNs();
  int64_t next_ns = next_say_ns_;
  if (now_ns < next_ns || !next_say_ns_.compare_exchange_strong(next_ns, now_ns + kSayEveryNs)) return;
  // A refusal is one with or without its line.
  Log("WARNING", "an admin request was refused", request, {{"refused", fmt::format("{}", refused_.load())}})
      .IgnoreError();
}

absl::Status AdminGate::Log(std::string_view level, std::string_view message, const net::HttpRequest& request,
                            Fields fields) {
  OwnLine line{.level = level, .logger = "admin", .message = message, .fields = std::move(fields)};
  line.fields.emplace_back("method", request.method);
  line.fields.emplace_back("path", request.path);
  line.fields.emplace_back("ip_address", request.remote_address);
  return WriteOwnLines(pipeline_, {line});
}

}  // namespace taffrail::server
