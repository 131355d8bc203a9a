// /api/v1/logs/{recent,stats,config}; /api/v1/logs/health is in health_routes.cc.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/embedded/embedded_engine.h"
#include "expr/matcher.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "net/problem.h"
#include "query/lang/language.h"
#include "record/intake.h"
#include "server/params.h"
#include "server/record_json.h"
#include "server/routes.h"
#include "server/scan.h"
#include "server/stats.h"

namespace taffrail::server {
namespace {

using expr::FieldRef;
using net::HttpRequest;
using net::HttpResponder;

constexpr int64_t kHourNs = int64_t{3600} * 1'000'000'000;
constexpr uint64_t kMaxHours = 24 * 366 * 10;

absl::StatusOr<std::shared_ptr<const expr::Matcher>> MatcherOfLevels(std::vector<std::string> levels) {
  if (levels.empty()) return expr::Matcher::Compile(expr::True());
  expr::Expr in;
  in.op = expr::Expr::Op::kIn;
  in.field.source = FieldRef::Source::kLevel;
  in.texts = std::move(levels);
  return expr::Matcher::Compile(expr::Make(std::move(in)));
}

// The newest records, newest first.
void HandleRecent(App& app, HttpRequest& request, HttpResponder& responder) {
  const int64_t now_ns = app.env.NowNs();
  Params params(request.query, now_ns);
  const uint64_t limit = params.Count("limit", 100, app.options.limits.max_document_rows);
  const uint64_t hours = params.Count("hours", 24, kMaxHours);
  absl::StatusOr<std::shared_ptr<const expr::Matcher>> matcher = MatcherOfLevels(params.List("level"));
  absl::Status status = params.Finish();
  if (status.ok()) status = matcher.status();
  if (!status.ok()) return responder.SendError(status);

  store::ScanRequest scan;
  scan.range.from_ns = now_ns - static_cast<int64_t>(hours) * kHourNs;
  scan.predicate = *std::move(matcher);
  scan.columns.line = true;
  scan.order = store::Order::kDescending;
  std::vector<std::string> records;
  status = RunScan(app, responder, scan, [&](const record::RecordBatch& batch, const expr::Selection& rows) {
    // Of the rows, which ascend, the last are wanted; and a reader only moves forward.
    const size_t take = std::min<size_t>(rows.size(), limit - records.size());
    const size_t first = records.size();
    RowReader reader(batch);
    for (size_t i = rows.size() - take; i < rows.size(); ++i) {
      AppendRecordJson(reader.Read(rows[i]), records.emplace_back());
    }
    std::reverse(records.begin() + static_cast<ptrdiff_t>(first), records.end());
    return records.size() < limit;
  });
  if (!status.ok()) return responder.SendError(status);
  responder.Send(200, {{"Content-Type", "application/json"}},
                 fmt::format("{{\"records\":[{}]}}\n", fmt::join(records, ",\n")));
}

void HandleConfig(App& app, HttpRequest&, HttpResponder& responder) {
  const Options& options = app.options;
  const Limits& limits = options.limits;
  responder.Send(
      200, {{"Content-Type", "application/json"}},
      fmt::format(
          R"({{"data_dir":{},"address":{},"limits":{{"max_upload_bytes":{},"max_push_bytes":{},)"
          R"("max_line_bytes":{},"query_timeout_ms":{},"query_memory_bytes":{},"max_document_rows":{},)"
          R"("max_trail_rows":{},"max_tails":{}}},"store":{{"memtable_bytes":{},"min_free_bytes":{},)"
          R"("commit_window_us":{}}},"query_languages":["{}"]}})",
          net::JsonQuote(options.data_dir), net::JsonQuote(options.address), limits.max_upload_bytes,
          limits.max_push_bytes, record::kMaxLineBytes, limits.query_timeout_ms, limits.query_memory_bytes,
          limits.max_document_rows, limits.max_trail_rows, limits.max_tails, options.store.memtable_bytes,
          options.store.min_free_bytes, options.store.commit_window_us,
          fmt::join(query::lang::LanguageNames(), "\",\"")));
}

void HandleStats(App& app, HttpRequest& request, HttpResponder& responder) {
  const int64_t now_ns = app.env.NowNs();
  Params params(request.query, now_ns);
  const uint64_t hours = params.Count("hours", 24, kMaxHours);
  const uint64_t buckets = params.Count("buckets", 24, kMaxBuckets);
  const absl::Status status = params.Finish();
  if (!status.ok()) return responder.SendError(status);
  const int64_t from_ns = now_ns - static_cast<int64_t>(hours) * kHourNs;
  engine::embedded::EmbeddedEngine engine(app.store);
  query::exec::ExecStats figures;
  absl::StatusOr<Stats> stats = CountLines(from_ns, now_ns, std::max<uint64_t>(buckets, 1), engine,
                                           OptionsFor(app, responder), figures);
  app.queries.AddQuery(figures, stats.status());
  if (!stats.ok()) return responder.SendError(stats.status());
  responder.Send(200, {{"Content-Type", "application/json"}}, stats->ToJson(app.store.Info()));
}

}  // namespace

void AddLogsRoutes(net::Router& router, App& app) {
  const auto add = [&](std::string pattern, void (*handle)(App&, HttpRequest&, HttpResponder&)) {
    router.Add("GET", std::move(pattern), [&app, handle](HttpRequest& request, HttpResponder& responder) {
      handle(app, request, responder);
    });
  };
  add("/api/v1/logs/recent", HandleRecent);
  add("/api/v1/logs/stats", HandleStats);
  add("/api/v1/logs/config", HandleConfig);
}

}  // namespace taffrail::server
