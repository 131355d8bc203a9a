// POST /api/v1/logs/test: writes a line of each level through the whole way in, and looks for them.
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "net/problem.h"
#include "record/level.h"
#include "server/own_lines.h"
#include "server/params.h"
#include "server/routes.h"
#include "server/scan.h"

namespace taffrail::server {
namespace {

using net::HttpRequest;
using net::HttpResponder;

constexpr std::string_view kLevels[] = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"};

std::string NewId(base::Env& env) {
  char bytes[8];
  env.Random(bytes);
  return "test_" + absl::BytesToHexString({bytes, sizeof(bytes)});
}

absl::StatusOr<uint64_t> CountLinesWith(App& app, const HttpResponder& responder, const std::string& id) {
  expr::Expr equal;
  equal.op = expr::Expr::Op::kEqual;
  equal.field = {.source = expr::FieldRef::Source::kField, .name = "request_id"};
  equal.text = id;
  store::ScanRequest scan;
  TAFFRAIL_ASSIGN_OR_RETURN(scan.predicate, expr::Matcher::Compile(expr::Make(std::move(equal))));
  uint64_t lines = 0;
  TAFFRAIL_RETURN_IF_ERROR(RunScan(app, responder, scan, [&](const auto&, const auto& rows) {
    lines += rows.size();
    return true;
  }));
  return lines;
}

void HandleTest(App& app, HttpRequest& request, HttpResponder& responder) {
  Params params(request.query, app.env.NowNs());
  const std::string message = params.Text("message", "Test line, written by /api/v1/logs/test");
  const std::string wanted = params.Text("level");
  absl::Status status = params.Finish();
  if (status.ok() && !wanted.empty() && !record::ParseLevelName(wanted)) {
    status = absl::InvalidArgumentError(fmt::format("parameter level: there is no level \"{}\"", wanted));
  }
  if (!status.ok()) return responder.SendError(status);

  const int64_t begin_ns = app.env.MonotonicNs();
  const std::string id = NewId(app.env);
  std::vector<OwnLine> lines;
  const auto add = [&](std::string_view level) {
    lines.push_back({.level = level, .logger = "test", .message = message, .fields = {{"request_id", id}}});
  };
  if (wanted.empty()) {
    for (const std::string_view level : kLevels) add(level);
  } else {
    add(record::LevelName(*record::ParseLevelName(wanted)));
  }
  status = WriteOwnLines(app.pipeline, lines);
  if (!status.ok()) return responder.SendError(status);
  const absl::StatusOr<uint64_t> found = CountLinesWith(app, responder, id);
  if (!found.ok()) return responder.SendError(found.status());
  responder.Send(
      200, {{"Content-Type", "application/json"}},
      fmt::format(R"({{"request_id":"{}","written":{},"searchable":{},"took_ms":{:.3f}}})"
                  "\n",
                  id, lines.size(), *found, static_cast<double>(app.env.MonotonicNs() - begin_ns) / 1e6));
}

}  // namespace

void AddTestRoutes(net::Router& router, App& app) {
  router.Add("POST", "/api/v1/logs/test",
             [&app](HttpRequest& request, HttpResponder& responder) { HandleTest(app, request, responder); });
}

}  // namespace taffrail::server
