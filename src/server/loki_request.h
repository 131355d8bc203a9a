// What the routes of Loki's API share: parameters as Loki reads them, and answers and errors as it gives
// them.
//
// Loki takes parameters it does not know, answers errors as plain text, and says times as Unix seconds,
// nanoseconds or RFC 3339: nothing of which our own API does (params.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "net/http_server.h"
#include "query/exec/executor.h"
#include "query/lang/logql/logql.h"
#include "server/app.h"

namespace taffrail::server {

class LokiRequest {
 public:
  // Of the URL, and of a form in the body of a POST.
  static absl::StatusOr<LokiRequest> Read(App& app, net::HttpRequest& request);

  std::string Text(std::string_view name, std::string_view fallback = {}) const;
  bool Has(std::string_view name) const { return parameters_.Has(name); }
  std::vector<std::string_view> All(std::string_view name) const { return parameters_.GetAll(name); }
  absl::StatusOr<int64_t> Count(std::string_view name, int64_t fallback) const;
  absl::StatusOr<int64_t> Time(std::string_view name, int64_t fallback_ns) const;
  absl::StatusOr<int64_t> Duration(std::string_view name, int64_t fallback_ns) const;  // "5m", or seconds

  struct Range {
    int64_t start_ns = 0;
    int64_t end_ns = 0;
  };
  // start and end; `since` before end, or default_ns, when there is no start. InvalidArgument also when the
  // range is longer than this server allows.
  absl::StatusOr<Range> TimeRange(int64_t default_ns) const;
  // step, or as many points as Loki chooses itself.
  absl::StatusOr<int64_t> Step(const Range& range) const;
  absl::StatusOr<bool> Forward() const;  // direction
  absl::StatusOr<uint64_t> Limit() const;

  int64_t now_ns() const { return now_ns_; }
  bool categorizes_labels() const { return categorizes_labels_; }

 private:
  explicit LokiRequest(const App& app) : limits_(app.options.limits), now_ns_(app.env.NowNs()) {}

  const Limits& limits_;
  int64_t now_ns_;
  bool categorizes_labels_ = false;  // X-Loki-Response-Encoding-Flags
  net::QueryParameters parameters_;
};

// The place of a mistake in a query, as Loki words it: "parse error at line 1, col 8: …".
absl::Status LokiParseError(std::string_view query, const absl::Status& status);
absl::StatusOr<query::lang::logql::Query> ParseLoki(std::string_view query,
                                                    const query::lang::logql::QueryOptions& options);

void SendLokiError(const absl::Status& status, net::HttpResponder& responder);
void SendLokiJson(const net::HttpRequest& request, std::string json, net::HttpResponder& responder);

// Runs a plan for a client: within the server's limits, ended when the client leaves, and counted.
absl::Status RunForClient(App& app, const net::HttpResponder& responder, const query::plan::Plan& plan,
                          query::exec::ResultSink& sink, query::exec::ExecStats& stats);
// The messages of the notes on a plan that RunForClient has run, for answers that have a place for warnings.
// Fields are looked for only when told that it found nothing.
std::vector<std::string> WarningsOn(App& app, const net::HttpResponder& responder,
                                    const query::plan::Plan& plan, const query::exec::ExecStats& stats,
                                    bool found_nothing);

}  // namespace taffrail::server
