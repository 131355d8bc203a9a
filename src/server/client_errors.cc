// POST /api/v1/client-errors: what went wrong in somebody's browser becomes a line of the server's own, at
// level ERROR, found by `service:taffrail logger:ui`.
#include <atomic>
#include <memory>
#include <string>

#include "net/problem.h"
#include "record/intake.h"
#include "server/own_lines.h"
#include "server/routes.h"

namespace taffrail::server {
namespace {

using net::HttpRequest;
using net::HttpResponder;

constexpr uint64_t kMaxReportBytes = 64 << 10;  // a message and a stack; browsers' stacks have ten frames
constexpr size_t kMaxFieldBytes = 8 << 10;

// A page that fails in a loop must not fill the store: so many in a minute tell all there is to tell.
class ReportLimit {
 public:
  bool Allows(int64_t now_ns) {
    constexpr int64_t kMinuteNs = int64_t{60} * 1'000'000'000;
    constexpr int64_t kPerMinute = 30;
    const int64_t minute = now_ns / kMinuteNs;
    if (minute_.exchange(minute) != minute) count_ = 0;
    return ++count_ <= kPerMinute;
  }

 private:
  std::atomic<int64_t> minute_ = -1;
  std::atomic<int64_t> count_ = 0;
};

void HandleReport(App& app, ReportLimit& limit, HttpRequest& request, HttpResponder& responder) {
  const std::string_view type = request.headers.Get("Content-Type");
  if (!net::EqualsIgnoringCase(type.substr(0, type.find(';')), "application/x-www-form-urlencoded")) {
    return responder.SendProblem(415, "a report is sent as application/x-www-form-urlencoded");
  }
  const absl::StatusOr<std::string> body = request.ReadWholeBody(kMaxReportBytes);
  if (!body.ok()) return responder.SendError(body.status());
  const absl::StatusOr<net::QueryParameters> form = net::QueryParameters::Parse(*body);
  if (!form.ok()) return responder.SendError(form.status());
  const std::string_view message = form->Get("message");
  if (message.empty()) return responder.SendProblem(400, "parameter message: is missing");
  if (!limit.Allows(app.env.MonotonicNs())) {
    return responder.SendProblem(429, "more reports a minute than are kept");
  }
  const auto cut = [](std::string_view text) {
    return text.substr(0, record::ClippedSize(text, kMaxFieldBytes));
  };
  OwnLine line{.level = "ERROR", .logger = "ui", .message = cut(message), .fields = {}};
  for (const std::string_view name : {"source", "stack", "page", "version"}) {
    if (form->Has(name)) line.fields.emplace_back(name, cut(form->Get(name)));
  }
  line.fields.emplace_back("user_agent", cut(request.headers.Get("User-Agent")));
  line.fields.emplace_back("ip_address", request.remote_address);
  if (const absl::Status status = WriteOwnLines(app.pipeline, {line}); !status.ok())
    return responder.SendError(status);
  responder.Send(204, {}, "");
}

}  // namespace

void AddClientErrorRoutes(net::Router& router, App& app) {
  router.Add("POST", "/api/v1/client-errors",
             [&app, limit = std::make_shared<ReportLimit>()](HttpRequest& request, HttpResponder& responder) {
               HandleReport(app, *limit, request, responder);
             });
}

}  // namespace taffrail::server
