#include "server/elastic_request.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/cord.h"
#include "fmt/format.h"
#include "net/gzip.h"
#include "net/problem.h"
#include "query/lang/elastic/context.h"
#include "server/loki_request.h"

namespace taffrail::server {
namespace {

namespace lang = query::lang::elastic;

constexpr absl::string_view kIndexUrl = "taffrail/elastic-index";
constexpr size_t kMinGzipBytes = 1400;  // what fits a packet is not worth the work

absl::Status NoSuchIndex(std::string_view index) {
  absl::Status status =
      lang::TypedError("index_not_found_exception", fmt::format("no such index [{}]", index));
  status.SetPayload(kIndexUrl, absl::Cord(absl::string_view(index.data(), index.size())));
  return status;
}

}  // namespace

bool FlagOf(const net::QueryParameters& given, std::string_view name) {
  return given.Has(name) && given.Get(name) != "false";
}

absl::StatusOr<int64_t> CountOf(const net::QueryParameters& given, std::string_view name, int64_t fallback) {
  const std::string_view text = given.Get(name);
  if (text.empty()) return fallback;
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc() && end == text.data() + text.size() && count >= 0) return count;
  return lang::TypedError("illegal_argument_exception",
                          fmt::format("Failed to parse int parameter [{}] with value [{}]", name, text));
}

absl::Status ElasticCall::CheckParameters(std::initializer_list<std::string_view> known) const {
  constexpr std::string_view kEverywhere[] = {"pretty",
                                              "human",
                                              "error_trace",
                                              "filter_path",
                                              "format",
                                              "timeout",
                                              "master_timeout",
                                              "local",
                                              "ignore_unavailable",
                                              "allow_no_indices",
                                              "expand_wildcards",
                                              "ignore_throttled",
                                              "preference",
                                              "routing"};
  for (const auto& [name, value] : request.query) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    if (std::find(std::begin(kEverywhere), std::end(kEverywhere), name) != std::end(kEverywhere)) continue;
    return lang::TypedError(
        "illegal_argument_exception",
        fmt::format("request [{}] contains unrecognized parameter: [{}]", request.path, name));
  }
  return absl::OkStatus();
}

elastic::RunPlan ElasticCall::Runner() const {
  return [this](const query::plan::Plan& plan, query::exec::ResultSink& sink) -> absl::Status {
    if (TookMs() > app.options.limits.query_timeout_ms) {
      return absl::DeadlineExceededError(
          fmt::format("the search took more than {} ms; ask for a shorter time range",
                      app.options.limits.query_timeout_ms));
    }
    query::exec::ExecStats stats;
    return RunForClient(app, responder, plan, sink, stats);
  };
}

absl::StatusOr<expr::ExprPtr> ResolveIndices(const ElasticCall& call, std::string_view expression,
                                             bool ignore_unavailable) {
  TAFFRAIL_ASSIGN_OR_RETURN(const lang::IndexSelection selection, lang::SelectIndices(expression));
  if (ignore_unavailable) return selection.filter;
  for (const std::string& index : selection.concrete) {
    TAFFRAIL_ASSIGN_OR_RETURN(const expr::ExprPtr filter, lang::IndexCondition(index));
    TAFFRAIL_ASSIGN_OR_RETURN(const uint64_t count, elastic::CountOf(filter, 1, call.Runner()));
    if (count == 0) return NoSuchIndex(index);
  }
  return selection.filter;
}

void AddElasticRoute(net::Router& router, App& app, std::initializer_list<const char*> methods,
                     const std::string& path, ElasticRunner run) {
  AddElasticRouteAt(router, app, methods, std::string(kElasticRoot) + path, run);
}

void AddElasticRouteAt(net::Router& router, App& app, std::initializer_list<const char*> methods,
                       const std::string& path, ElasticRunner run) {
  for (const char* const method : methods) {
    router.Add(method, path, [&app, run](net::HttpRequest& request, net::HttpResponder& responder) {
      ElasticCall call(app, request, responder);
      absl::StatusOr<std::string> body = request.ReadWholeBody(app.options.limits.max_query_bytes);
      if (!body.ok()) return SendElastic(call, ElasticStatusOf(body.status()), ElasticError(body.status()));
      call.body = *std::move(body);
      absl::StatusOr<std::string> json = run(call);
      if (responder.sent()) return;
      if (!json.ok()) return SendElastic(call, ElasticStatusOf(json.status()), ElasticError(json.status()));
      SendElastic(call, 200, *std::move(json));
    });
  }
}

int ElasticStatusOf(const absl::Status& status) {
  const std::string type = lang::TypeOf(status);
  if (type == "index_not_found_exception" || type == "resource_not_found_exception" ||
      type == "search_context_missing_exception") {
    return 404;
  }
  return net::HttpStatusOf(status);
}

std::string ElasticError(const absl::Status& status) {
  std::string index;
  if (const auto marked = status.GetPayload(kIndexUrl)) index = std::string(*marked);
  return elastic::ErrorDocument(lang::TypeOf(status), std::string(status.message()), ElasticStatusOf(status),
                                index);
}

void SendElastic(const ElasticCall& call, int status, std::string json) {
  // Clients of version 8 ask for a type of their own, and check the product.
  constexpr std::string_view kOwnType = "application/vnd.elasticsearch+json";
  const std::string_view accepts = call.request.headers.Get("Accept");
  const size_t own = accepts.find(kOwnType);
  std::string type = "application/json";
  if (own != std::string_view::npos) {
    const bool is_7 = accepts.find("compatible-with=7", own) != std::string_view::npos;
    type = std::string(kOwnType) + (is_7 ? ";compatible-with=7" : ";compatible-with=8");
  }
  net::Headers headers = {{"Content-Type", type}, {"X-Elastic-Product", "Elasticsearch"}};
  if (json.size() >= kMinGzipBytes && net::AcceptsGzip(call.request.headers)) {
    headers.Add("Content-Encoding", "gzip");
    headers.Add("Vary", "Accept-Encoding");
    json = net::GzipCompress(json);
  }
  call.responder.Send(status, std::move(headers), std::move(json));
}

}  // namespace taffrail::server
