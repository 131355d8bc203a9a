// /api/v1/logs/performance and /api/v1/logs/audit: two views of the last hours.
#include <string>
#include <utility>

#include "base/time_text.h"
#include "expr/matcher.h"
#include "fmt/format.h"
#include "net/problem.h"
#include "server/audit_search.h"
#include "server/params.h"
#include "server/performance.h"
#include "server/routes.h"
#include "server/scan.h"

namespace taffrail::server {
namespace {

using expr::Expr;
using net::HttpRequest;
using net::HttpResponder;

constexpr int64_t kHourNs = int64_t{3600} * 1'000'000'000;
constexpr uint64_t kMaxHours = 24 * 366 * 10;
constexpr uint64_t kMaxListed = 1000;

std::string Head(const store::TimeRange& range) {
  return fmt::format(R"({{"from":"{}","to":"{}",)", base::FormatRfc3339(range.from_ns),
                     base::FormatRfc3339(range.to_ns));
}

void HandlePerformance(App& app, HttpRequest& request, HttpResponder& responder) {
  const int64_t now_ns = app.env.NowNs();
  Params params(request.query, now_ns);
  const uint64_t hours = params.Count("hours", 24, kMaxHours);
  const uint64_t limit = params.Count("limit", 50, kMaxListed);
  const std::string service = params.Text("service");
  if (const absl::Status status = params.Finish(); !status.ok()) return responder.SendError(status);
  expr::ExprPtr filter = Performance::Filter();
  if (!service.empty()) {
    Expr equal;
    equal.op = Expr::Op::kEqual;
    equal.field = {.source = expr::FieldRef::Source::kField, .name = "service"};
    equal.text = service;
    filter = expr::And({filter, expr::Make(std::move(equal))});
  }
  store::ScanRequest scan;
  scan.range = {.from_ns = now_ns - static_cast<int64_t>(hours) * kHourNs, .to_ns = now_ns + 1};
  auto matcher = expr::Matcher::Compile(filter);
  if (!matcher.ok()) return responder.SendError(matcher.status());
  scan.predicate = *std::move(matcher);
  scan.columns.line = true;
  Performance performance(limit);
  const absl::Status status = RunScan(app, responder, scan, [&](const auto& batch, const auto& rows) {
    performance.Add(batch, rows);
    return true;
  });
  if (!status.ok()) return responder.SendError(status);
  std::string out = Head(scan.range);
  performance.AppendJson(limit, out);
  responder.Send(200, {{"Content-Type", "application/json"}}, out + "}\n");
}

void HandleAudit(App& app, HttpRequest& request, HttpResponder& responder) {
  const int64_t now_ns = app.env.NowNs();
  Params params(request.query, now_ns);
  const uint64_t hours = params.Count("hours", 24, kMaxHours);
  const uint64_t limit = params.Count("limit", 100, kMaxListed);
  AuditSearch::Wanted wanted;
  wanted.user = params.Text("user");
  wanted.event = params.Text("event");
  wanted.outcome = params.Text("outcome");
  wanted.ip_address = params.Text("ip_address");
  if (const absl::Status status = params.Finish(); !status.ok()) return responder.SendError(status);
  store::ScanRequest scan;
  scan.range = {.from_ns = now_ns - static_cast<int64_t>(hours) * kHourNs, .to_ns = now_ns + 1};
  auto matcher = expr::Matcher::Compile(AuditSearch::Filter());
  if (!matcher.ok()) return responder.SendError(matcher.status());
  scan.predicate = *std::move(matcher);
  scan.columns.line = true;
  scan.order = store::Order::kDescending;
  AuditSearch audit(std::move(wanted), limit);
  const absl::Status status = RunScan(app, responder, scan, [&](const auto& batch, const auto& rows) {
    audit.Add(batch, rows);
    return true;
  });
  if (!status.ok()) return responder.SendError(status);
  std::string out = Head(scan.range);
  audit.AppendJson(out);
  responder.Send(200, {{"Content-Type", "application/json"}}, out + "}\n");
}

}  // namespace

void AddLogsViewRoutes(net::Router& router, App& app) {
  router.Add("GET", "/api/v1/logs/performance", [&app](HttpRequest& request, HttpResponder& responder) {
    HandlePerformance(app, request, responder);
  });
  router.Add("GET", "/api/v1/logs/audit", [&app](HttpRequest& request, HttpResponder& responder) {
    HandleAudit(app, request, responder);
  });
}

}  // namespace taffrail::server
