// What Elasticsearch's clients ask before they search: the banner, indices, mappings, fields.
#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "elastic/document.h"
#include "fmt/format.h"
#include "query/lang/elastic/context.h"
#include "query/lang/elastic/dates.h"
#include "query/lang/elastic/json.h"
#include "record/json_writer.h"
#include "server/elastic_request.h"
#include "server/field_catalog.h"
#include "server/routes.h"
#include "server/scan.h"

namespace taffrail::server {
namespace {

namespace lang = query::lang::elastic;
namespace plan = query::plan;
using expr::FieldRef;

// The version whose API this is: clients turn features on by it.
constexpr std::string_view kBanner =
    R"({"name":"taffrail","cluster_name":"taffrail","cluster_uuid":"taffrail","version":{"number":"8.15.0",)"
    R"("build_flavor":"default","build_type":"tar","build_hash":"0000000000000000000000000000000000000000",)"
    R"("build_date":"2025-01-01T00:00:00.000Z","build_snapshot":false,"lucene_version":"9.11.1",)"
    R"("minimum_wire_compatibility_version":"7.17.0","minimum_index_compatibility_version":"7.0.0"},)"
    R"("tagline":"You Know, for Search"})";

// Indices of one answer: years of days of some services. Each is a row, and a mapping of its own.
constexpr size_t kMaxIndices = 10'000;
constexpr size_t kMaxMappings = 100;

// Groups of records that are in the same index.
class IndexSink final : public query::exec::ResultSink {
 public:
  IndexSink(std::vector<std::string> paths, std::map<std::string, uint64_t>& indices)
      : paths_(std::move(paths)), indices_(indices) {}
  bool OnColumns(const std::vector<std::string>&) override { return true; }
  bool OnRecord(const query::exec::LogRow&) override { return false; }
  bool OnRow(const std::vector<expr::Value>& row) override {  // day, level, paths, count
    const lang::DateOptions options{.format = "strict_date_optional_time"};
    const auto day_ns = lang::ParseDate(expr::ToText(row[0]), options);
    if (!day_ns.ok()) return true;
    const std::string index = lang::IndexOf(*day_ns, expr::ToText(row[1]), [&](std::string_view path) {
      const auto place = std::find(paths_.begin(), paths_.end(), path) - paths_.begin();
      return expr::ToText(row[2 + static_cast<size_t>(place)]);
    });
    const auto* count = std::get_if<int64_t>(&row.back());
    if (indices_.size() < kMaxIndices || indices_.contains(index)) {
      indices_[index] += count != nullptr ? static_cast<uint64_t>(*count) : 0;
    }
    return true;
  }

 private:
  const std::vector<std::string> paths_;
  std::map<std::string, uint64_t>& indices_;
};

// The indices that records are in, with how many.
absl::StatusOr<std::map<std::string, uint64_t>> IndicesOf(const ElasticCall& call,
                                                          const expr::ExprPtr& filter) {
  constexpr int64_t kDayNs = int64_t{24} * 3600 * 1'000'000'000;
  std::vector<std::string> paths = lang::ServicePaths();
  for (std::string& path : lang::TypePaths()) paths.push_back(std::move(path));
  plan::Aggregate groups;
  groups.keys.push_back({.name = "day", .field = {}, .bucket_ns = kDayNs});
  groups.keys.push_back({.name = "level", .field = {FieldRef::Source::kLevel, ""}});
  for (const std::string& path : paths) {
    groups.keys.push_back({.name = "f:" + path, .field = {FieldRef::Source::kField, path}});
  }
  groups.calls.push_back({.name = "n"});
  plan::Plan query;
  query.source.filter = filter;
  query.source.order = plan::Order::kNone;
  query.stages.emplace_back(std::move(groups));
  std::map<std::string, uint64_t> indices;
  IndexSink sink(std::move(paths), indices);
  TAFFRAIL_RETURN_IF_ERROR(call.Runner()(query, sink));
  return indices;
}

absl::StatusOr<std::vector<FieldCatalog::Listed>> FieldsOf(const ElasticCall& call,
                                                           const expr::ExprPtr& filter) {
  store::ScanRequest scan;
  TAFFRAIL_ASSIGN_OR_RETURN(scan.predicate, expr::Matcher::Compile(filter));
  scan.columns.shapes_only = true;
  FieldCatalog catalog;
  TAFFRAIL_RETURN_IF_ERROR(RunScan(call.app, call.responder, scan, [&](const auto& batch, const auto& rows) {
    if (rows.empty()) {
      catalog.AddShapes(batch);
    } else {
      catalog.Add(batch, rows);
    }
    return true;
  }));
  std::vector<FieldCatalog::Listed> fields = catalog.List();
  std::erase_if(fields, [](const FieldCatalog::Listed& field) { return field.name == "@timestamp"; });
  std::sort(fields.begin(), fields.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return fields;
}

// As Elasticsearch would have mapped it; texts are searched by their words and as a whole.
std::string_view TypeOf(const FieldCatalog::Listed& field) {
  if (field.is_text) return "text";
  if (field.is_number) return "double";
  return field.is_bool ? "boolean" : "keyword";
}

absl::StatusOr<std::string> Banner(ElasticCall&) { return std::string(kBanner); }

// Objects within objects, as the dots say.
struct Node {
  std::string_view type;  // empty: an object alone
  std::map<std::string, Node> properties;
};

void AppendProperties(const Node& node, std::string& out) {
  out += "\"properties\":{";
  const char* comma = "";
  for (const auto& [name, child] : node.properties) {
    out += comma;
    comma = ",";
    record::AppendJsonString(name, out);
    out += ":{";
    if (!child.properties.empty()) {
      AppendProperties(child, out);
    } else if (child.type == "text") {
      out += R"("type":"text","fields":{"keyword":{"type":"keyword","ignore_above":256}})";
    } else {
      out += fmt::format("\"type\":\"{}\"", child.type);
    }
    out += '}';
  }
  out += '}';
}

absl::StatusOr<std::string> Mapping(ElasticCall& call) {
  TAFFRAIL_RETURN_IF_ERROR(call.CheckParameters({"include_type_name"}));
  TAFFRAIL_ASSIGN_OR_RETURN(const expr::ExprPtr filter,
                            ResolveIndices(call, call.Index(), call.Flag("ignore_unavailable")));
  TAFFRAIL_ASSIGN_OR_RETURN(const auto indices, IndicesOf(call, filter));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<FieldCatalog::Listed> fields, FieldsOf(call, filter));
  Node root;
  root.properties["@timestamp"].type = "date";
  for (const FieldCatalog::Listed& field : fields) {
    constexpr int kMaxObjects = 20;  // Elasticsearch's own depth; what is deeper keeps its dots
    Node* node = &root;
    std::string_view rest = field.name;
    for (int depth = 0; depth < kMaxObjects; ++depth) {
      const size_t dot = rest.find('.');
      if (dot == std::string_view::npos || dot == 0) break;
      node = &node->properties[std::string(rest.substr(0, dot))];
      rest = rest.substr(dot + 1);
    }
    node->properties[std::string(rest)].type = TypeOf(field);
  }
  std::string mapping = "{\"mappings\":{";
  AppendProperties(root, mapping);
  mapping += "}}";
  // The same for all, and no more than a client reads: the newest days sort last in each family.
  std::string out = "{";
  size_t count = 0;
  for (auto index = indices.rbegin(); index != indices.rend() && count < kMaxMappings; ++index, ++count) {
    if (count > 0) out += ',';
    record::AppendJsonString(index->first, out);
    out += ':' + mapping;
  }
  return out + "}";
}

void AppendCapability(std::string_view name, std::string_view type, bool metadata, std::string& out) {
  if (out.back() != '{') out += ',';
  record::AppendJsonString(name, out);
  out +=
      fmt::format(R"(:{{"{0}":{{"type":"{0}","metadata_field":{1},"searchable":true,"aggregatable":true}}}})",
                  type, metadata);
}

absl::StatusOr<std::string> FieldCapabilities(ElasticCall& call) {
  TAFFRAIL_RETURN_IF_ERROR(
      call.CheckParameters({"fields", "include_unmapped", "filters", "types", "include_empty_fields"}));
  std::vector<std::string> patterns;
  std::string_view given = call.request.query.Get("fields");
  while (!given.empty()) {
    const size_t comma = given.find(',');
    patterns.emplace_back(given.substr(0, comma));
    given = comma == std::string_view::npos ? "" : given.substr(comma + 1);
  }
  if (patterns.empty() && !call.body.empty()) {
    const lang::Context context{.text = call.body, .now_ns = call.now_ns()};
    const auto json = lang::ParseJson(call.body);
    if (!json.ok()) return lang::TypedError("parsing_exception", std::string(json.status().message()));
    TAFFRAIL_ASSIGN_OR_RETURN(patterns, lang::TextsMember(context, *json, "fields"));
  }
  if (patterns.empty()) {
    return lang::TypedError("action_request_validation_exception",
                            "Validation Failed: 1: no fields specified;");
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const expr::ExprPtr filter,
                            ResolveIndices(call, call.Index(), call.Flag("ignore_unavailable")));
  TAFFRAIL_ASSIGN_OR_RETURN(const auto indices, IndicesOf(call, filter));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<FieldCatalog::Listed> fields, FieldsOf(call, filter));
  const auto wanted = [&patterns](std::string_view name) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [name](const std::string& pattern) { return elastic::MatchesPattern(pattern, name); });
  };
  std::string out = "{\"indices\":[";
  for (const auto& [index, count] : indices) {
    if (out.back() != '[') out += ',';
    record::AppendJsonString(index, out);
  }
  out += "],\"fields\":";
  std::string listed = "{";
  if (!indices.empty() && wanted("@timestamp")) AppendCapability("@timestamp", "date", false, listed);
  for (const FieldCatalog::Listed& field : fields) {
    if (wanted(field.name)) AppendCapability(field.name, TypeOf(field), false, listed);
    const std::string keyword = field.name + ".keyword";
    if (field.is_text && wanted(keyword)) AppendCapability(keyword, "keyword", false, listed);
  }
  for (const std::string_view name : {"_id", "_index", "_source"}) {
    if (wanted(name)) AppendCapability(name, name, true, listed);
  }
  return out + listed + "}}";
}

absl::StatusOr<std::string> CatIndices(ElasticCall& call) {
  TAFFRAIL_RETURN_IF_ERROR(call.CheckParameters({"v", "h", "s", "bytes", "health", "time", "pri", "help"}));
  TAFFRAIL_ASSIGN_OR_RETURN(const expr::ExprPtr filter, ResolveIndices(call, call.Index(), false));
  TAFFRAIL_ASSIGN_OR_RETURN(const auto indices, IndicesOf(call, filter));
  const std::string_view accepts = call.request.headers.Get("Accept");
  const std::string format =
      call.Text("format", accepts.find("json") != std::string_view::npos ? "json" : "text");
  std::vector<std::string> columns = {"health", "status",     "index",        "uuid",       "pri",
                                      "rep",    "docs.count", "docs.deleted", "store.size", "pri.store.size"};
  if (call.request.query.Has("h")) {
    columns.clear();
    std::string_view given = call.request.query.Get("h");
    while (!given.empty()) {
      const size_t comma = given.find(',');
      columns.emplace_back(given.substr(0, comma));
      given = comma == std::string_view::npos ? "" : given.substr(comma + 1);
    }
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& [index, count] : indices) {
    // What one index takes of a store that has none is not known.
    const std::map<std::string, std::string> cells = {
        {"health", "green"},  {"status", "open"}, {"index", index},
        {"i", index},         {"idx", index},     {"uuid", index},
        {"pri", "1"},         {"rep", "0"},       {"docs.count", fmt::format("{}", count)},
        {"docs.deleted", "0"}};
    std::vector<std::string>& row = rows.emplace_back();
    for (const std::string& column : columns) {
      const auto cell = cells.find(column);
      row.push_back(cell == cells.end() ? "" : cell->second);
    }
  }
  std::string out;
  if (format == "json") {
    out = "[";
    for (const auto& row : rows) {
      if (out.size() > 1) out += ',';
      out += '{';
      for (size_t i = 0; i < columns.size(); ++i) {
        if (i > 0) out += ',';
        record::AppendJsonString(columns[i], out);
        out += ':';
        record::AppendJsonString(row[i], out);
      }
      out += '}';
    }
    return out + "]";
  }
  if (call.Flag("v")) rows.insert(rows.begin(), columns);
  std::vector<size_t> widths(columns.size());
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      out += i + 1 == row.size() ? row[i] : fmt::format("{:<{}} ", row[i], widths[i]);
    }
    out += '\n';
  }
  call.responder.Send(
      200, {{"Content-Type", "text/plain; charset=UTF-8"}, {"X-Elastic-Product", "Elasticsearch"}}, out);
  return std::string();
}

absl::StatusOr<std::string> ClusterHealth(ElasticCall&) {
  return std::string(
      R"({"cluster_name":"taffrail","status":"green","timed_out":false,"number_of_nodes":1,)"
      R"("number_of_data_nodes":1,"active_primary_shards":1,"active_shards":1,"relocating_shards":0,)"
      R"("initializing_shards":0,"unassigned_shards":0,"delayed_unassigned_shards":0,)"
      R"("number_of_pending_tasks":0,"number_of_in_flight_fetch":0,)"
      R"("task_max_waiting_in_queue_millis":0,"active_shards_percent_as_number":100.0})");
}

// Whether an index is there: clients ask by HEAD.
absl::StatusOr<std::string> IndexInfo(ElasticCall& call) {
  TAFFRAIL_ASSIGN_OR_RETURN(const expr::ExprPtr filter,
                            ResolveIndices(call, call.Index(), call.Flag("ignore_unavailable")));
  TAFFRAIL_ASSIGN_OR_RETURN(const auto indices, IndicesOf(call, filter));
  std::string out = "{";
  for (const auto& [index, count] : indices) {
    if (out.size() > 1) out += ',';
    record::AppendJsonString(index, out);
    out += R"(:{"aliases":{"taffrail":{}},"mappings":{},"settings":{"index":{"number_of_shards":"1"}}})";
  }
  return out + "}";
}

}  // namespace

void AddElasticIndexRoutes(net::Router& router, App& app) {
  AddElasticRoute(router, app, {"GET"}, "", Banner);
  AddElasticRoute(router, app, {"GET"}, "/", Banner);
  AddElasticRoute(router, app, {"GET"}, "/_cluster/health", ClusterHealth);
  AddElasticRoute(router, app, {"GET"}, "/_cat/indices", CatIndices);
  AddElasticRoute(router, app, {"GET"}, "/_cat/indices/{index}", CatIndices);
  AddElasticRoute(router, app, {"GET"}, "/{index}", IndexInfo);
  for (const char* const index : {"", "/{index}"}) {
    AddElasticRoute(router, app, {"GET"}, std::string(index) + "/_mapping", Mapping);
    AddElasticRoute(router, app, {"GET", "POST"}, std::string(index) + "/_field_caps", FieldCapabilities);
  }
}

}  // namespace taffrail::server
