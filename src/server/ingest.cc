// POST /api/v1/ingest and POST /loki/api/v1/push: the lines come in. What becomes of odd ones is
// docs/ingest.md.
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "ingest/fields_to_labels.h"
#include "ingest/upload.h"
#include "net/problem.h"
#include "server/params.h"
#include "server/routes.h"
#include "server/tenant_id.h"

namespace taffrail::server {
namespace {

using ingest::IntakeStats;
using ingest::UploadResult;
using net::HttpRequest;
using net::HttpResponder;

// Why an upload was not taken in full, as the metric's label.
std::string_view RefusalReason(const absl::Status& status) {
  switch (net::HttpStatusOf(status)) {
    case 400:
      return "damaged_body";
    case 408:
      return "slow_client";
    case 413:
      return "too_large";
    case 415:
      return "unknown_encoding";
    case 503:
      return status.code() == absl::StatusCode::kResourceExhausted ? "disk_full" : "unavailable";
    default:
      return "internal";
  }
}

std::string Summary(const UploadResult& result) {
  const IntakeStats& intake = result.intake;
  return fmt::format(
      R"({{"accepted":{},"json":{},"text":{},"invalid_utf8":{},"with_nul":{},"malformed_json":{},)"
      R"("clipped":{},"blank":{},"time_missing":{},"time_unreadable":{},"time_future":{},)"
      R"("repeated_keys":{},"huge_numbers":{},"deep_nesting":{},"labels_refused":{},"duplicates":{}}})",
      result.accepted_lines, intake.lines.json, intake.lines.text, intake.lines.invalid_utf8,
      intake.lines.with_nul, intake.lines.malformed_json, intake.lines.clipped, intake.blank,
      intake.time_missing, intake.time_unreadable, intake.time_future, intake.oddities.repeated_keys,
      intake.oddities.huge_numbers, intake.oddities.deep_nesting, intake.labels_refused, result.duplicates);
}

// The problem document of an upload that ended early: what is durable all the same, and where to go on.
void SendRefusal(App& app, HttpResponder& responder, const UploadResult& result) {
  app.pipeline.counters().AddRefused(std::string(RefusalReason(result.status)));
  const absl::string_view message = result.status.message();
  responder.SendProblem(net::HttpStatusOf(result.status), {message.data(), message.size()},
                        {{"accepted_lines", fmt::format("{}", result.accepted_lines)},
                         {"failed_line", fmt::format("{}", result.failed_line)}});
}

void Refuse(App& app, HttpResponder& responder, const absl::Status& status) {
  app.pipeline.counters().AddRefused(std::string(RefusalReason(status)));
  responder.SendError(status);
}

// Whose audit records an upload brings: its tenant's, or where the configuration believes its header.
std::string AuditTenantOf(const App& app, const HttpRequest& request) {
  if (app.audit == nullptr) return {};
  if (!app.options.tenant.empty() && app.options.tenant != kFirstTenant) return app.options.tenant;
  const std::string& header = app.audit->door().policy().tenant_header;
  return header.empty() ? std::string() : std::string(request.headers.Get(header));
}

void HandleIngest(App& app, HttpRequest& request, HttpResponder& responder) {
  Params params(request.query, app.env.NowNs());
  ingest::UploadOptions options;
  options.time_field = params.Text("time_field");
  options.message_field = params.Text("message_field");
  options.stream_fields = params.List("stream_fields");
  options.tenant = AuditTenantOf(app, request);
  absl::Status status = params.Finish();
  constexpr size_t kMaxFields = ingest::LabelLimits().max_fields;
  if (status.ok() && options.stream_fields.size() > kMaxFields) {
    status =
        absl::InvalidArgumentError(fmt::format("parameter stream_fields: {} fields, more than the {} allowed",
                                               options.stream_fields.size(), kMaxFields));
  }
  if (!status.ok()) return responder.SendError(status);

  request.SetBodyLimit(app.options.limits.max_upload_bytes);
  const UploadResult result = ingest::UploadLines(
      app.pipeline, [&request](std::string& chunk) { return request.ReadBody(chunk); }, options);
  if (!result.status.ok()) return SendRefusal(app, responder, result);
  responder.Send(200, {{"Content-Type", "application/json"}}, Summary(result));
}

// As Loki decides: JSON when the type says so, protobuf when it says that or nothing.
absl::StatusOr<ingest::PushFormat> FormatOf(const HttpRequest& request) {
  const std::string_view type = request.headers.Get("Content-Type");
  const std::string_view essence = type.substr(0, type.find(';'));
  if (net::EqualsIgnoringCase(essence, "application/json")) return ingest::PushFormat::kJson;
  if (essence.empty() || net::EqualsIgnoringCase(essence, "application/x-protobuf")) {
    return ingest::PushFormat::kProtobuf;
  }
  return net::WithHttpStatus(
      absl::InvalidArgumentError(
          fmt::format("Content-Type {}: a push is application/json or application/x-protobuf", essence)),
      415);
}

void HandlePush(App& app, HttpRequest& request, HttpResponder& responder) {
  const absl::StatusOr<ingest::PushFormat> format = FormatOf(request);
  if (!format.ok()) return Refuse(app, responder, format.status());
  const absl::StatusOr<std::string> body = request.ReadWholeBody(app.options.limits.max_push_bytes);
  if (!body.ok()) return Refuse(app, responder, body.status());
  const UploadResult result = ingest::UploadPush(app.pipeline, *body, *format, AuditTenantOf(app, request));
  if (!result.status.ok()) return SendRefusal(app, responder, result);
  responder.Send(204, {}, "");
}

}  // namespace

void AddIngestRoutes(net::Router& router, App& app) {
  router.Add("POST", "/api/v1/ingest", [&app](HttpRequest& request, HttpResponder& responder) {
    HandleIngest(app, request, responder);
  });
  router.Add("POST", "/loki/api/v1/push",
             [&app](HttpRequest& request, HttpResponder& responder) { HandlePush(app, request, responder); });
}

}  // namespace taffrail::server
