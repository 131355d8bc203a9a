#include "server/elastic_request.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <variant>

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

// As the banner says (elastic_indices.cc).
constexpr std::string_view kElasticVersion = "8.15.0";
constexpr std::string_view kElasticBuildHash = "0000000000000000000000000000000000000000";

// Whether a stage makes groups or figures of a field.
bool Reads(const query::plan::Stage& stage) {
  const auto* const aggregate = std::get_if<query::plan::Aggregate>(&stage);
  if (aggregate == nullptr) return false;
  return std::any_of(aggregate->keys.begin(), aggregate->keys.end(),
                     [](const auto& key) { return key.bucket_ns == 0; }) ||
         std::any_of(aggregate->calls.begin(), aggregate->calls.end(),
                     [](const auto& call) { return call.has_field; });
}

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
    TAFFRAIL_RETURN_IF_ERROR(RunForClient(app, responder, plan, sink, stats));
    AddWarnings(plan, stats);
    return absl::OkStatus();
  };
}

// Nothing matched, or it all fell into one group, as it does under a field that no line has.
void ElasticCall::AddWarnings(const query::plan::Plan& plan, const query::exec::ExecStats& stats) const {
  const bool nothing = stats.scan.rows_matched == 0 && stats.scan.blocks_counted == 0;
  const bool one_group = stats.rows_out <= 1 && std::any_of(plan.stages.begin(), plan.stages.end(), Reads);
  const bool looks = !has_looked_ && (nothing || one_group);
  has_looked_ = has_looked_ || looks;
  for (std::string& warning : WarningsOn(app, responder, plan, stats, looks)) {
    if (std::find(warnings_.begin(), warnings_.end(), warning) == warnings_.end())
      warnings_.push_back(std::move(warning));
  }
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

namespace {

// The warnings as Elasticsearch's clients read them: `299 Elasticsearch-VERSION-HASH "…"` each. Clients look
// for what stands in quotes, so that none are left within; bytes beyond ASCII are percent-encoded.
std::string WarningHeader(const std::string& warning) {
  std::string out = fmt::format("299 Elasticsearch-{}-{} \"", kElasticVersion, kElasticBuildHash);
  for (const char c : warning) {
    if (c == '"') {
      out += '\'';
    } else if (c == '\\') {
      out += "\\\\";
    } else if (c < ' ' || c > '~' || c == '%') {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

void AddWarningHeaders(const std::vector<std::string>& warnings, net::Headers& headers) {
  constexpr size_t kBytesMax = 4096;  // of all of them: what clients take without being told
  size_t bytes = 0;
  for (const std::string& warning : warnings) {
    std::string text = WarningHeader(warning);
    if ((bytes += text.size()) > kBytesMax) return;
    headers.Add("Warning", std::move(text));
  }
}

}  // namespace

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
  AddWarningHeaders(call.warnings(), headers);
  if (json.size() >= kMinGzipBytes && net::AcceptsGzip(call.request.headers)) {
    headers.Add("Content-Encoding", "gzip");
    headers.Add("Vary", "Accept-Encoding");
    json = net::GzipCompress(json);
  }
  call.responder.Send(status, std::move(headers), std::move(json));
}

}  // namespace taffrail::server
