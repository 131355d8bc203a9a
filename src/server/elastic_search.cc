// Elasticsearch's _search, _msearch, _count, scroll, points in time and _doc.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "query/lang/elastic/dates.h"
#include "query/lang/elastic/query.h"
#include "query/lang/elastic/query_string.h"
#include "query/lang/elastic/search.h"
#include "query/plan/record_id.h"
#include "record/json_writer.h"
#include "server/elastic_cursor.h"
#include "server/elastic_request.h"
#include "server/routes.h"

namespace taffrail::server {
namespace {

namespace lang = query::lang::elastic;
using Cursor = ElasticCursor;

std::vector<std::string> Pieces(std::string_view text) {
  std::vector<std::string> pieces;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    if (comma != 0) pieces.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? "" : text.substr(comma + 1);
  }
  return pieces;
}

std::string TextOf(const net::QueryParameters& given, std::string_view name, std::string_view fallback = {}) {
  return std::string(given.Get(name, fallback));
}

// q, df, default_operator: a query string in the URL, beside the body's query.
absl::Status ApplyQueryString(const net::QueryParameters& given, int64_t now_ns, lang::Search& search) {
  if (!given.Has("q")) return absl::OkStatus();
  lang::QueryStringOptions options{.now_ns = now_ns};
  const std::string op = TextOf(given, "default_operator", "OR");
  options.and_by_default = op == "AND" || op == "and";
  options.lenient = FlagOf(given, "lenient");
  if (given.Has("df")) options.fields = {TextOf(given, "df")};
  const std::string text = TextOf(given, "q");
  auto filter = lang::ParseQueryString(text, options);
  if (!filter.ok()) {
    return lang::TypedError("query_shard_exception",
                            fmt::format("Failed to parse query [{}]: {}", text.substr(0, 200),
                                        std::string(filter.status().message())));
  }
  search.filter = expr::And({search.filter, *std::move(filter)});
  return absl::OkStatus();
}

absl::Status ApplyParameters(const net::QueryParameters& given, int64_t now_ns, lang::Search& search) {
  TAFFRAIL_RETURN_IF_ERROR(ApplyQueryString(given, now_ns, search));
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t size, CountOf(given, "size", static_cast<int64_t>(search.size)));
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t from, CountOf(given, "from", static_cast<int64_t>(search.from)));
  search.size = static_cast<uint64_t>(size);
  search.from = static_cast<uint64_t>(from);
  if (given.Has("sort")) search.sort = lang::ParseSortText(TextOf(given, "sort"));
  const std::string total = TextOf(given, "track_total_hits");
  if (total == "true") {
    search.count_up_to = std::nullopt;
  } else if (total == "false") {
    search.count_up_to = 0;
  } else if (!total.empty()) {
    TAFFRAIL_ASSIGN_OR_RETURN(const int64_t count, CountOf(given, "track_total_hits", 0));
    search.count_up_to = static_cast<uint64_t>(count);
  }
  const std::string source = TextOf(given, "_source");
  if (source == "true" || source == "false") {
    search.has_source = source == "true";
  } else if (!source.empty()) {
    search.includes = Pieces(source);
  }
  for (const char* const name : {"_source_includes", "_source_include"}) {
    if (given.Has(name)) search.includes = Pieces(TextOf(given, name));
  }
  for (const char* const name : {"_source_excludes", "_source_exclude"}) {
    if (given.Has(name)) search.excludes = Pieces(TextOf(given, name));
  }
  for (const std::string& field : Pieces(TextOf(given, "docvalue_fields")))
    search.fields.push_back({field, ""});
  if (FlagOf(given, "rest_total_hits_as_int") && search.count_up_to != uint64_t{0})
    search.count_up_to = std::nullopt;
  if (FlagOf(given, "version")) search.has_version = true;
  if (FlagOf(given, "seq_no_primary_term")) search.has_sequence = true;
  return absl::OkStatus();
}

absl::StatusOr<std::string> Page(const ElasticCall& call, lang::Search search,
                                 elastic::AnswerOptions options) {
  return elastic::Answer(search, options, call.Runner(), [&call] { return call.TookMs(); });
}

std::string NamedId(std::string_view name, const std::string& id) {
  return fmt::format("\"{}\":\"{}\",", name, id);
}

// The first page of a scroll, or one that follows.
absl::StatusOr<std::string> ScrollPage(const ElasticCall& call, Cursor cursor, lang::Search search,
                                       bool is_first) {
  constexpr size_t kMaxScrolledBytes = 64 << 10;  // the search is part of the id
  if (cursor.body.size() > kMaxScrolledBytes) {
    return lang::TypedError("illegal_argument_exception",
                            fmt::format("a search that is scrolled has at most {} bytes", kMaxScrolledBytes));
  }
  if (search.after || search.from > 0) {
    return lang::TypedError(
        "action_request_validation_exception",
        "Validation Failed: 1: using [from] or [search_after] is not allowed in a scroll context;");
  }
  if (search.size == 0) {
    return lang::TypedError("action_request_validation_exception",
                            "Validation Failed: 1: [size] cannot be [0] in a scroll context;");
  }
  search.count_up_to = std::nullopt;
  AddTieBreak(search, false);
  elastic::AnswerOptions options;
  TAFFRAIL_ASSIGN_OR_RETURN(const expr::ExprPtr indices, ResolveIndices(call, cursor.index, true));
  options.filter = expr::And({indices, cursor.Filter()});
  options.total_as_integer = call.Flag("rest_total_hits_as_int");
  if (!is_first) {
    options.total = &cursor.total;
    search.aggregations.clear();
    if (cursor.after.empty()) {
      search.size = 0;
    } else {
      TAFFRAIL_ASSIGN_OR_RETURN(const lang::Json after, lang::ParseJson(cursor.after));
      search.after.emplace();
      for (const auto& [unused, value] : after.members) search.after->push_back(value);
    }
  }
  options.first = [&cursor](const elastic::Hits& hits) {
    cursor.total = hits.total;
    cursor.after = hits.last_sort;
    return NamedId("_scroll_id", cursor.ToId());
  };
  return Page(call, std::move(search), std::move(options));
}

absl::Status CheckKeepAlive(std::string_view text) {
  const auto length_ns = lang::ParseTimeValue(text);
  constexpr int64_t kMostNs = int64_t{24} * 3600 * 1'000'000'000;
  if (!length_ns) {
    return lang::TypedError(
        "illegal_argument_exception",
        fmt::format("failed to parse setting [keep_alive] with value [{}] as a time value: unit is "
                    "missing or unrecognized",
                    text.substr(0, 40)));
  }
  if (*length_ns <= kMostNs) return absl::OkStatus();
  return lang::TypedError("illegal_argument_exception",
                          fmt::format("Keep alive for request ({}) is too large. It must be less than ({}).",
                                      text.substr(0, 40), "1d"));
}

// The records of a search's point in time; its order becomes total.
absl::StatusOr<expr::ExprPtr> PointFilter(const ElasticCall& call, lang::Search& search) {
  TAFFRAIL_ASSIGN_OR_RETURN(const Cursor cursor, Cursor::Parse(*search.pit, Cursor::Kind::kPoint));
  if (!search.pit_keep_alive.empty()) TAFFRAIL_RETURN_IF_ERROR(CheckKeepAlive(search.pit_keep_alive));
  const bool asks_for_less = search.after && search.after->size() == search.sort.size();
  if (!search.sort.empty() && !asks_for_less) AddTieBreak(search, true);
  TAFFRAIL_ASSIGN_OR_RETURN(const expr::ExprPtr indices, ResolveIndices(call, cursor.index, true));
  return expr::And({indices, cursor.Filter()});
}

absl::StatusOr<std::string> PointSearch(const ElasticCall& call, lang::Search search) {
  if (!call.Index().empty()) {
    return lang::TypedError(
        "action_request_validation_exception",
        "Validation Failed: 1: [indices] cannot be used with point in time. Do not specify any index with "
        "point in time.;");
  }
  elastic::AnswerOptions options;
  TAFFRAIL_ASSIGN_OR_RETURN(options.filter, PointFilter(call, search));
  const std::string id = *search.pit;
  options.first = [&id](const elastic::Hits&) { return NamedId("pit_id", id); };
  return Page(call, std::move(search), std::move(options));
}

absl::StatusOr<std::string> RunSearch(ElasticCall& call) {
  TAFFRAIL_RETURN_IF_ERROR(call.CheckParameters({"q",
                                                 "df",
                                                 "default_operator",
                                                 "analyze_wildcard",
                                                 "analyzer",
                                                 "lenient",
                                                 "size",
                                                 "from",
                                                 "sort",
                                                 "_source",
                                                 "_source_includes",
                                                 "_source_excludes",
                                                 "_source_include",
                                                 "_source_exclude",
                                                 "track_total_hits",
                                                 "scroll",
                                                 "rest_total_hits_as_int",
                                                 "search_type",
                                                 "request_cache",
                                                 "batched_reduce_size",
                                                 "max_concurrent_shard_requests",
                                                 "pre_filter_shard_size",
                                                 "ccs_minimize_roundtrips",
                                                 "typed_keys",
                                                 "allow_partial_search_results",
                                                 "docvalue_fields",
                                                 "stored_fields",
                                                 "track_scores",
                                                 "explain",
                                                 "version",
                                                 "seq_no_primary_term",
                                                 "terminate_after"}));
  TAFFRAIL_ASSIGN_OR_RETURN(lang::Search search, lang::ParseSearch(call.body, call.now_ns()));
  TAFFRAIL_RETURN_IF_ERROR(ApplyParameters(call.request.query, call.now_ns(), search));
  if (search.pit) return PointSearch(call, std::move(search));
  const bool lenient = call.Flag("ignore_unavailable");
  TAFFRAIL_ASSIGN_OR_RETURN(const expr::ExprPtr indices, ResolveIndices(call, call.Index(), lenient));
  if (call.request.query.Has("scroll")) {
    TAFFRAIL_RETURN_IF_ERROR(CheckKeepAlive(call.Text("scroll")));
    Cursor cursor{.kind = Cursor::Kind::kScroll,
                  .end_sequence = call.app.store.Info().next_sequence,
                  .index = call.Index(),
                  .body = call.body,
                  .parameters = call.request.query.Build(),
                  .now_ns = call.now_ns()};
    return ScrollPage(call, std::move(cursor), std::move(search), true);
  }
  elastic::AnswerOptions options;
  options.filter = indices;
  options.total_as_integer = call.Flag("rest_total_hits_as_int");
  return Page(call, std::move(search), std::move(options));
}

// A member of the body, or a parameter of the same name.
absl::StatusOr<std::vector<std::string>> IdsOf(const ElasticCall& call, std::string_view name) {
  if (call.request.query.Has(name)) return Pieces(call.Text(name));
  const lang::Context context{.text = call.body, .now_ns = call.now_ns()};
  const auto json = lang::ParseJson(call.body.empty() ? "{}" : call.body);
  if (!json.ok()) return lang::TypedError("parsing_exception", std::string(json.status().message()));
  return lang::TextsMember(context, *json, name);
}

absl::StatusOr<std::string> RunScroll(ElasticCall& call) {
  TAFFRAIL_RETURN_IF_ERROR(call.CheckParameters({"scroll", "scroll_id", "rest_total_hits_as_int"}));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> ids, IdsOf(call, "scroll_id"));
  if (ids.size() != 1) {
    return lang::TypedError("action_request_validation_exception",
                            "Validation Failed: 1: scrollId is missing;");
  }
  TAFFRAIL_ASSIGN_OR_RETURN(Cursor cursor, Cursor::Parse(ids[0], Cursor::Kind::kScroll));
  TAFFRAIL_ASSIGN_OR_RETURN(lang::Search search, lang::ParseSearch(cursor.body, cursor.now_ns));
  TAFFRAIL_ASSIGN_OR_RETURN(const net::QueryParameters parameters,
                            net::QueryParameters::Parse(cursor.parameters));
  TAFFRAIL_RETURN_IF_ERROR(ApplyParameters(parameters, cursor.now_ns, search));
  return ScrollPage(call, std::move(cursor), std::move(search), false);
}

// Nothing is kept, and so nothing is to be freed.
absl::StatusOr<std::string> ClearScroll(ElasticCall& call) {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> ids, IdsOf(call, "scroll_id"));
  for (const std::string& id : ids) {
    if (id != "_all") TAFFRAIL_RETURN_IF_ERROR(Cursor::Parse(id, Cursor::Kind::kScroll).status());
  }
  return fmt::format("{{\"succeeded\":true,\"num_freed\":{}}}", ids.size());
}

absl::StatusOr<std::string> OpenPoint(ElasticCall& call) {
  TAFFRAIL_RETURN_IF_ERROR(call.CheckParameters({"keep_alive"}));
  if (!call.request.query.Has("keep_alive")) {
    return lang::TypedError("action_request_validation_exception",
                            "Validation Failed: 1: [keep_alive] is not specified;");
  }
  TAFFRAIL_RETURN_IF_ERROR(CheckKeepAlive(call.Text("keep_alive")));
  TAFFRAIL_RETURN_IF_ERROR(ResolveIndices(call, call.Index(), call.Flag("ignore_unavailable")).status());
  const Cursor cursor{.kind = Cursor::Kind::kPoint,
                      .end_sequence = call.app.store.Info().next_sequence,
                      .index = call.Index()};
  return fmt::format(
      "{{\"id\":\"{}\",\"_shards\":{{\"total\":1,\"successful\":1,\"skipped\":0,\"failed\":0}}}}",
      cursor.ToId());
}

absl::StatusOr<std::string> ClosePoint(ElasticCall& call) {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> ids, IdsOf(call, "id"));
  if (ids.empty()) {
    return lang::TypedError("action_request_validation_exception", "Validation Failed: 1: id is missing;");
  }
  for (const std::string& id : ids)
    TAFFRAIL_RETURN_IF_ERROR(Cursor::Parse(id, Cursor::Kind::kPoint).status());
  return fmt::format("{{\"succeeded\":true,\"num_freed\":{}}}", ids.size());
}

absl::StatusOr<std::string> RunCount(ElasticCall& call) {
  TAFFRAIL_RETURN_IF_ERROR(call.CheckParameters({"q", "df", "default_operator", "analyze_wildcard",
                                                 "analyzer", "lenient", "min_score", "terminate_after"}));
  lang::Context context{.text = call.body, .now_ns = call.now_ns()};
  lang::Search search;
  if (call.body.find_first_not_of(" \t\r\n") != std::string::npos) {
    const auto json = lang::ParseJson(call.body);
    if (!json.ok()) return lang::TypedError("parsing_exception", std::string(json.status().message()));
    for (const auto& [name, value] : json->members) {
      if (name != "query") {
        return context.Error(value, fmt::format("request does not support [{}]", name.substr(0, 60)));
      }
      TAFFRAIL_ASSIGN_OR_RETURN(search.filter, lang::ParseQueryDsl(context, value));
    }
  }
  TAFFRAIL_RETURN_IF_ERROR(ApplyQueryString(call.request.query, call.now_ns(), search));
  TAFFRAIL_ASSIGN_OR_RETURN(const expr::ExprPtr indices,
                            ResolveIndices(call, call.Index(), call.Flag("ignore_unavailable")));
  TAFFRAIL_ASSIGN_OR_RETURN(const uint64_t count, elastic::CountOf(expr::And({indices, search.filter}),
                                                                   std::nullopt, call.Runner()));
  return fmt::format(
      "{{\"count\":{},\"_shards\":{{\"total\":1,\"successful\":1,\"skipped\":0,\"failed\":0}}}}", count);
}

// One search of several: the index of its header, else that of the path.
absl::StatusOr<std::string> RunOne(ElasticCall& call, std::string_view header, std::string_view body) {
  std::string index = call.Index();
  bool ignore_unavailable = false;
  if (header.find_first_not_of(" \t\r") != std::string_view::npos) {
    const lang::Context context{.text = header};
    const auto json = lang::ParseJson(header);
    if (!json.ok()) return lang::TypedError("parsing_exception", std::string(json.status().message()));
    const char* const name = json->Find("indices") != nullptr ? "indices" : "index";
    TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> names, lang::TextsMember(context, *json, name));
    TAFFRAIL_ASSIGN_OR_RETURN(ignore_unavailable,
                              lang::BoolMember(context, *json, "ignore_unavailable", false));
    if (!names.empty()) index.clear();
    for (const std::string& one : names) index += (index.empty() ? "" : ",") + one;
  }
  TAFFRAIL_ASSIGN_OR_RETURN(lang::Search search, lang::ParseSearch(body, call.now_ns()));
  elastic::AnswerOptions options;
  options.total_as_integer = call.Flag("rest_total_hits_as_int");
  if (search.pit) {
    TAFFRAIL_ASSIGN_OR_RETURN(options.filter, PointFilter(call, search));
  } else {
    TAFFRAIL_ASSIGN_OR_RETURN(options.filter, ResolveIndices(call, index, ignore_unavailable));
  }
  return Page(call, std::move(search), std::move(options));
}

absl::StatusOr<std::string> RunMany(ElasticCall& call) {
  TAFFRAIL_RETURN_IF_ERROR(call.CheckParameters({"max_concurrent_searches", "max_concurrent_shard_requests",
                                                 "rest_total_hits_as_int", "typed_keys", "search_type",
                                                 "pre_filter_shard_size", "ccs_minimize_roundtrips"}));
  constexpr size_t kMaxSearches = 200;  // a dashboard has some dozens of panels
  std::string_view rest = call.body;
  const auto line = [&rest] {
    const size_t end = rest.find('\n');
    const std::string_view taken = rest.substr(0, end);
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    return taken;
  };
  std::string responses;
  size_t count = 0;
  while (rest.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    const std::string_view header = line();
    const std::string_view body = line();
    if (++count > kMaxSearches) {
      return lang::TypedError("illegal_argument_exception",
                              fmt::format("more than {} searches in one request", kMaxSearches));
    }
    auto answer = RunOne(call, header, body);
    if (absl::IsCancelled(answer.status())) return answer;
    if (!responses.empty()) responses += ',';
    if (answer.ok()) {
      answer->pop_back();
      responses += *answer + ",\"status\":200}";
    } else {
      responses += ElasticError(answer.status());
    }
  }
  if (count == 0) {
    return lang::TypedError("action_request_validation_exception",
                            "Validation Failed: 1: no requests added;");
  }
  return fmt::format("{{\"took\":{},\"responses\":[{}]}}", call.TookMs(), responses);
}

absl::StatusOr<std::string> GetDocument(ElasticCall& call) {
  const std::string id(call.request.PathParameter("id"));
  TAFFRAIL_ASSIGN_OR_RETURN(const expr::ExprPtr indices, ResolveIndices(call, call.Index(), true));
  lang::Search search;
  search.size = 1;
  search.has_version = true;
  search.count_up_to = 0;
  TAFFRAIL_RETURN_IF_ERROR(ApplyParameters(call.request.query, call.now_ns(), search));
  elastic::HitWriter hit(search);
  search.filter = expr::And({indices, query::plan::RecordIdCondition(id)});
  TAFFRAIL_ASSIGN_OR_RETURN(const query::plan::Plan plan, lang::PlanOf(search, 1));
  TAFFRAIL_RETURN_IF_ERROR(call.Runner()(plan, hit));
  if (hit.count() > 0) {
    std::string json = hit.json();
    const size_t score = json.find(",\"_score\":1.0");
    if (score != std::string::npos) json.replace(score, 13, ",\"found\":true");
    return json;
  }
  std::string json = "{\"_index\":";
  record::AppendJsonString(call.Index(), json);
  json += ",\"_id\":";
  record::AppendJsonString(id, json);
  SendElastic(call, 404, json + ",\"found\":false}");
  return std::string();
}

}  // namespace

void AddElasticSearchRoutes(net::Router& router, App& app) {
  AddElasticRouteAt(router, app, {"GET", "POST"}, "/_search", RunSearch);
  AddElasticRouteAt(router, app, {"GET", "POST"}, "/_msearch", RunMany);
  for (const char* const index : {"", "/{index}"}) {
    AddElasticRoute(router, app, {"GET", "POST"}, std::string(index) + "/_search", RunSearch);
    AddElasticRoute(router, app, {"GET", "POST"}, std::string(index) + "/_msearch", RunMany);
    AddElasticRoute(router, app, {"GET", "POST"}, std::string(index) + "/_count", RunCount);
  }
  AddElasticRoute(router, app, {"GET", "POST"}, "/_search/scroll", RunScroll);
  AddElasticRoute(router, app, {"DELETE"}, "/_search/scroll", ClearScroll);
  AddElasticRoute(router, app, {"POST"}, "/{index}/_pit", OpenPoint);
  AddElasticRoute(router, app, {"DELETE"}, "/_pit", ClosePoint);
  AddElasticRoute(router, app, {"GET"}, "/{index}/_doc/{id}", GetDocument);
}

}  // namespace taffrail::server
