// POST /api/v1/admin/{delete,drop,snapshot}: what `taffrail store` does to a stopped server's directory, for
// one that runs.
#include "server/admin.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "base/time_text.h"
#include "expr/matcher.h"
#include "fmt/format.h"
#include "net/problem.h"
#include "query/lang/language.h"
#include "query/plan/plan.h"
#include "server/params.h"
#include "server/routes.h"

namespace taffrail::server {
namespace {

using net::HttpRequest;
using net::HttpResponder;
namespace plan = query::plan;

constexpr int64_t kDayNs = int64_t{86'400} * 1'000'000'000;

std::string TimeText(int64_t time_ns) {
  return time_ns == INT64_MIN || time_ns == INT64_MAX ? "any" : base::FormatRfc3339(time_ns, 9);
}

void SendReport(const store::RemovalReport& report, bool dry_run, HttpResponder& responder) {
  responder.Send(200, {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
                 fmt::format(R"({{"rows":{},"parts":{},"disk_bytes":{},"dry_run":{}}})", report.rows,
                             report.parts, report.disk_bytes, dry_run));
}

// Does what was asked for between two lines of the log. A log that cannot be written (the disk is full) must
// not keep anybody from making room, but is said in the error's place when there is none.
template <typename Do>
auto BetweenLines(App& app, const HttpRequest& request, std::string_view action, AdminGate::Fields fields,
                  const Do& act) -> decltype(act()) {
  fields.emplace_back("action", action);
  const absl::Status asked = app.admin.Log("WARNING", fmt::format("asked to {}", action), request, fields);
  auto result = act();
  fields.emplace_back("outcome", result.ok() ? "success" : "failure");
  if (result.ok()) {
    fields.emplace_back("rows", fmt::format("{}", result->rows));
  } else {
    fields.emplace_back("error", std::string(result.status().message()));
  }
  const absl::Status done = app.admin.Log(
      "WARNING", fmt::format("{}: {}", action, result.ok() ? "done" : "failed"), request, std::move(fields));
  if (result.ok() && !asked.ok() && !done.ok()) {
    return absl::Status(done.code(),
                        fmt::format("{} is done, but could not be logged: {}", action,
                                    std::string_view(done.message().data(), done.message().size())));
  }
  return result;
}

void HandleDelete(App& app, HttpRequest& request, HttpResponder& responder) {
  const int64_t now_ns = app.env.NowNs();
  Params params(request.query, now_ns);
  const std::string query = params.Text("query");
  const std::string language = params.Choice("lang", {"search", "logql"});
  const store::TimeRange range = params.Range();
  const bool dry_run = params.Flag("dry_run");
  absl::Status status = params.Finish();
  if (status.ok() && query.empty())  // one that is forgotten must not mean everything
    status = absl::InvalidArgumentError("parameter query: is missing; * is every line");
  if (!status.ok()) return responder.SendError(status);
  absl::StatusOr<DeleteOrder> order = OrderOf(language, query, now_ns);
  if (!order.ok()) return responder.SendError(order.status());
  store::TimeRange& to = order->request.range;
  to = {std::max(to.from_ns, range.from_ns), std::min(to.to_ns, range.to_ns)};
  order->request.dry_run = dry_run;
  const auto report = DeleteAndLog(app, *std::move(order), request, responder);
  if (!report.ok()) return responder.SendError(report.status());
  SendReport(*report, dry_run, responder);
}

void HandleDrop(App& app, HttpRequest& request, HttpResponder& responder) {
  Params params(request.query, app.env.NowNs());
  const int64_t before_ns = params.Time("before", INT64_MIN);
  const bool dry_run = params.Flag("dry_run");
  absl::Status status = params.Finish();
  if (status.ok() && before_ns == INT64_MIN)
    status =
        absl::InvalidArgumentError("parameter before: is missing; it is the first day (UTC) that is kept");
  if (!status.ok()) return responder.SendError(status);
  const auto day = static_cast<int32_t>(before_ns / kDayNs - (before_ns % kDayNs < 0 ? 1 : 0));
  const auto drop = [&] { return app.store.DropBefore(day, dry_run); };
  const auto report =
      dry_run ? drop()
              : BetweenLines(app, request, "drop days",
                             {{"before", base::FormatRfc3339(day * kDayNs, 0).substr(0, 10)}}, drop);
  if (!report.ok()) return responder.SendError(report.status());
  SendReport(*report, dry_run, responder);
}

// A condition that may hold of too many rows is for what looks at them again; a delete does not.
bool IsExact(const expr::Expr& expr) {
  return expr.op != expr::Expr::Op::kUncertain &&
         std::ranges::all_of(expr.children, [](const expr::ExprPtr& child) { return IsExact(*child); });
}

// A name and no path: where snapshots go is the server's business. No dot at the start.
bool IsSnapshotName(std::string_view name) {
  constexpr size_t kMostBytes = 80;
  if (name.empty() || name.size() > kMostBytes || name.front() == '.') return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

struct SnapshotReport {
  uint64_t rows = 0;  // there when it began
  std::string path;
};

void HandleSnapshot(App& app, HttpRequest& request, HttpResponder& responder) {
  Params params(request.query, app.env.NowNs());
  std::string name = params.Text("name");
  if (const absl::Status status = params.Finish(); !status.ok()) return responder.SendError(status);
  if (name.empty()) {
    name = base::FormatRfc3339(app.env.NowNs(), 0);
    std::erase(name, ':');
  }
  if (!IsSnapshotName(name)) {
    return responder.SendProblem(
        400, "parameter name: 1 to 80 letters, digits, '-', '_' and '.', which is not first");
  }
  const std::string snapshots = base::JoinPath(app.options.data_dir, "snapshots");
  const auto take = [&]() -> absl::StatusOr<SnapshotReport> {
    SnapshotReport report{app.store.Info().rows, base::JoinPath(snapshots, name)};
    TAFFRAIL_RETURN_IF_ERROR(app.env.CreateDirs(snapshots));
    TAFFRAIL_RETURN_IF_ERROR(app.store.SnapshotTo(report.path));
    return report;
  };
  const auto report = BetweenLines(app, request, "take a snapshot", {{"name", name}}, take);
  if (!report.ok()) return responder.SendError(report.status());
  responder.Send(
      200, {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
      fmt::format(R"({{"name":{},"path":{}}})", net::JsonQuote(name), net::JsonQuote(report->path)));
}

}  // namespace

absl::StatusOr<DeleteOrder> OrderOf(std::string_view language, std::string_view query, int64_t now_ns) {
  TAFFRAIL_ASSIGN_OR_RETURN(const plan::Plan parsed, query::lang::Parse(language, query, now_ns));
  if (!IsExact(*parsed.source.filter))
    return absl::InvalidArgumentError(
        "a delete takes conditions that lines can be told by as they are stored");
  std::vector<expr::ExprPtr> conditions = {parsed.source.filter};
  for (const plan::Stage& stage : parsed.stages) {
    const auto* const filter = std::get_if<plan::Filter>(&stage);
    if (filter == nullptr || !IsExact(*filter->condition)) {
      return absl::InvalidArgumentError(
          "a delete takes a query that only says which lines: leave out the stages");
    }
    conditions.push_back(filter->condition);
  }
  DeleteOrder order;
  order.query = query;
  order.request.range = {parsed.source.range.from_ns, parsed.source.range.to_ns};
  TAFFRAIL_ASSIGN_OR_RETURN(order.request.predicate,
                            expr::Matcher::Compile(expr::And(std::move(conditions))));
  return order;
}

absl::StatusOr<store::RemovalReport> DeleteAndLog(App& app, DeleteOrder order, const HttpRequest& request,
                                                  const HttpResponder& responder) {
  order.request.cancelled = [&] { return app.stopping.load() || responder.client_gone(); };
  const auto remove = [&] { return app.store.Delete(order.request); };
  if (order.request.dry_run) return remove();
  return BetweenLines(app, request, "delete",
                      {{"query", order.query},
                       {"from", TimeText(order.request.range.from_ns)},
                       {"to", TimeText(order.request.range.to_ns)}},
                      remove);
}

void AddAdminRoutes(net::Router& router, App& app) {
  const auto add = [&](const char* path, void (*handle)(App&, HttpRequest&, HttpResponder&)) {
    router.Add("POST", path, [&app, handle](HttpRequest& request, HttpResponder& responder) {
      if (app.admin.Admits(request, responder)) handle(app, request, responder);
    });
  };
  add("/api/v1/admin/delete", HandleDelete);
  add("/api/v1/admin/drop", HandleDrop);
  add("/api/v1/admin/snapshot", HandleSnapshot);
}

}  // namespace taffrail::server
