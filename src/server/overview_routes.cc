// GET /api/v1/overview: counts of what a search finds, by time and level, and its facets (overview.h).
//
// With `progress` the answer is lines of JSON, each replacing the one before, the last with "done":true: a
// reader sees the counts grow, and cancels by hanging up.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "fmt/format.h"
#include "net/problem.h"
#include "query/lang/language.h"
#include "server/overview.h"
#include "server/params.h"
#include "server/query_text.h"
#include "server/routes.h"
#include "server/scan.h"

namespace taffrail::server {
namespace {

using net::HttpRequest;
using net::HttpResponder;

constexpr uint64_t kMaxOverviewBuckets = 2000;     // more than a screen has columns
constexpr size_t kMaxFacets = 32;                  // each is read for every hit
constexpr uint64_t kMaxFacetValues = 1000;         // more than anyone picks from
constexpr int64_t kProgressEveryNs = 250'000'000;  // often enough to look alive, too seldom to cost

// The first and the last time in the store, for a search without bounds.
absl::StatusOr<store::TimeRange> SpanOfStore(App& app, const HttpResponder& responder) {
  store::TimeRange span{.from_ns = app.env.NowNs(), .to_ns = app.env.NowNs()};
  for (const store::Order order : {store::Order::kAscending, store::Order::kDescending}) {
    store::ScanRequest scan;
    scan.order = order;
    TAFFRAIL_RETURN_IF_ERROR(RunScan(app, responder, scan, [&](const auto& batch, const auto& rows) {
      if (order == store::Order::kAscending) span.from_ns = batch.timestamp_ns[rows.front()];
      if (order == store::Order::kDescending) span.to_ns = batch.timestamp_ns[rows.back()];
      return false;
    }));
  }
  return span;
}

struct OverviewRequest {
  Overview::Options options;
  std::shared_ptr<const expr::Matcher> matcher;
  bool progress = false;
};

absl::StatusOr<OverviewRequest> ReadRequest(App& app, HttpRequest& request, const HttpResponder& responder) {
  const int64_t now_ns = app.env.NowNs();
  Params params(request.query, now_ns);
  const std::string text = params.Text("query", "*");
  const std::string language = params.Choice("lang", query::lang::LanguageNames());
  store::TimeRange range = params.Range();
  OverviewRequest overview;
  overview.progress = params.Flag("progress");
  overview.options.buckets = std::max<uint64_t>(1, params.Count("buckets", 100, kMaxOverviewBuckets));
  overview.options.facets = params.List("facets");
  overview.options.facet_limit = params.Count("facet_limit", 10, kMaxFacetValues);
  TAFFRAIL_RETURN_IF_ERROR(params.Finish());
  if (overview.options.facets.size() > kMaxFacets) {
    return absl::InvalidArgumentError(fmt::format("parameter facets: more than {} fields", kMaxFacets));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const RecordsQuery records, ParseRecords(language, text, now_ns));
  TAFFRAIL_ASSIGN_OR_RETURN(overview.matcher, expr::Matcher::Compile(records.filter));
  range.from_ns = std::max(range.from_ns, records.range.from_ns);
  range.to_ns = std::min(range.to_ns, records.range.to_ns);
  if (range.from_ns == INT64_MIN || range.to_ns == INT64_MAX) {
    TAFFRAIL_ASSIGN_OR_RETURN(const store::TimeRange span, SpanOfStore(app, responder));
    if (range.from_ns == INT64_MIN) range.from_ns = span.from_ns;
    if (range.to_ns == INT64_MAX) range.to_ns = std::max(span.to_ns, range.from_ns) + 1;
  }
  overview.options.from_ns = range.from_ns;
  overview.options.to_ns = std::max(range.to_ns, range.from_ns + 1);
  return overview;
}

uint64_t BlocksWithin(const store::StoreInfo& info, const Overview::Options& options) {
  uint64_t blocks = 1;  // the memtable's, whose number is not told
  for (const store::PartInfo& part : info.parts) {
    if (part.max_timestamp_ns >= options.from_ns && part.min_timestamp_ns < options.to_ns)
      blocks += part.blocks;
  }
  return blocks;
}

// The counts while they are made: added to by the scan's sink, shown by whichever of its threads finds that
// it is time.
class Count {
 public:
  Count(App& app, HttpResponder& responder, const OverviewRequest& request)
      : app_(app),
        responder_(responder),
        progress_(request.progress),
        blocks_(BlocksWithin(app.store.Info(), request.options)),
        begin_ns_(app.env.MonotonicNs()),
        overview_(request.options),
        shown_ns_(begin_ns_) {}

  void Add(const record::RecordBatch& batch, const expr::Selection& rows) {
    const absl::MutexLock lock(&mutex_);
    overview_.Add(batch, rows);
  }

  void OnBlock() {
    const absl::MutexLock lock(&mutex_);
    ++blocks_seen_;
    if (!progress_ || app_.env.MonotonicNs() - shown_ns_ < kProgressEveryNs) return;
    if (stream_ == nullptr) stream_ = responder_.BeginStream(200, {{"Content-Type", "application/x-ndjson"}});
    stream_->TryWrite(Json(false));  // one that finds no room is no loss: the next has all it had
    shown_ns_ = app_.env.MonotonicNs();
  }

  void Finish(const absl::Status& status) {
    const absl::MutexLock lock(&mutex_);
    if (stream_ == nullptr) {
      if (!status.ok()) return responder_.SendError(status);
      return responder_.Send(200, {{"Content-Type", progress_ ? "application/x-ndjson" : "application/json"}},
                             Json(true));
    }
    if (status.ok()) {
      stream_->Write(Json(true));
      return stream_->Close();
    }
    const int code = net::HttpStatusOf(status);
    const absl::string_view message = status.message();
    stream_->Write(fmt::format("{{\"error\":{}}}\n", net::ProblemDocument(code, net::ReasonPhrase(code),
                                                                          {message.data(), message.size()})));
    stream_->Abort();
  }

 private:
  std::string Json(bool done) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const double part = static_cast<double>(blocks_seen_) / static_cast<double>(blocks_);
    std::string out = fmt::format(R"({{"done":{},"progress":{:.3f},"elapsed_ms":{:.3f},)", done,
                                  done ? 1.0 : std::min(part, 0.99),
                                  static_cast<double>(app_.env.MonotonicNs() - begin_ns_) / 1e6);
    overview_.AppendJson(out);
    return out + "}\n";
  }

  App& app_;
  HttpResponder& responder_;
  const bool progress_;
  const uint64_t blocks_;
  const int64_t begin_ns_;
  absl::Mutex mutex_;
  Overview overview_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<net::HttpStream> stream_ ABSL_GUARDED_BY(mutex_);
  uint64_t blocks_seen_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t shown_ns_ ABSL_GUARDED_BY(mutex_);
};

void HandleOverview(App& app, HttpRequest& request, HttpResponder& responder) {
  const absl::StatusOr<OverviewRequest> overview = ReadRequest(app, request, responder);
  if (!overview.ok()) return responder.SendError(overview.status());
  store::ScanRequest scan;
  scan.range = {.from_ns = overview->options.from_ns, .to_ns = overview->options.to_ns};
  scan.predicate = overview->matcher;
  scan.columns = Overview(overview->options).Columns();
  Count count(app, responder, *overview);
  const absl::Status status = RunScan(
      app, responder, scan,
      [&](const auto& batch, const auto& rows) {
        count.Add(batch, rows);
        return true;
      },
      [&] { count.OnBlock(); });
  count.Finish(status);
}

}  // namespace

void AddOverviewRoutes(net::Router& router, App& app) {
  router.Add("GET", "/api/v1/overview", [&app](HttpRequest& request, HttpResponder& responder) {
    HandleOverview(app, request, responder);
  });
}

}  // namespace taffrail::server
