// /loki/api/v1/detected_labels, detected_fields, detected_field/{name}/values and patterns: what Grafana's
// Logs Drilldown shows without a query.
#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "expr/units.h"
#include "fmt/format.h"
#include "query/parse/json.h"
#include "query/parse/logfmt.h"
#include "record/json_writer.h"
#include "server/loki_answer.h"
#include "server/loki_handler.h"
#include "server/loki_streams.h"
#include "server/patterns.h"
#include "server/routes.h"

namespace taffrail::server {
namespace {

namespace parse = query::parse;
namespace plan = query::plan;

constexpr int64_t kHourNs = 3'600'000'000'000;
constexpr size_t kMaxFields = 1000;    // Loki's default `limit`
constexpr size_t kMaxValues = 1000;    // of one field: beyond it its cardinality is at least this
constexpr int64_t kMaxLines = 20'000;  // looked at; Loki's default is 1000

struct DetectedField {
  std::set<std::string> values;
  std::set<std::string> parsers;
  std::string type;  // of all values so far
};

std::string TypeOf(const std::string& value) {
  double number = 0;
  if (value == "true" || value == "false") return "boolean";
  if (expr::ParseQuantity(expr::Expr::Unit::kNone, value, number)) {
    return value.find_first_of(".eEnN") == std::string::npos ? "int" : "float";
  }
  if (expr::ParseQuantity(expr::Expr::Unit::kDuration, value, number)) return "duration";
  if (expr::ParseQuantity(expr::Expr::Unit::kBytes, value, number)) return "bytes";
  return "string";
}

// The fields of entries, and of their lines as JSON or logfmt.
class FieldCollector final : public query::exec::ResultSink {
 public:
  explicit FieldCollector(size_t limit) : limit_(limit) {}

  bool OnColumns(const std::vector<std::string>&) override { return true; }
  bool OnRow(const std::vector<expr::Value>&) override { return false; }
  bool OnRecord(const query::exec::LogRow& row) override {
    for (const query::exec::EntryField& field : row.entry->fields) {
      if (field.origin == query::exec::EntryField::Origin::kStream) continue;
      Add(field.name, expr::ToText(field.value), "");
    }
    Lines found(*this, *row.entry, "json");
    if (parse::ParseJson(row.line, found)) return true;
    Lines pairs(*this, *row.entry, "logfmt");
    parse::ParseLogfmt(row.line, {}, pairs);
    return true;
  }

  const std::map<std::string, DetectedField>& fields() const { return fields_; }

 private:
  class Lines final : public parse::FieldSink {
   public:
    Lines(FieldCollector& collector, const query::exec::Entry& entry, const char* parser)
        : collector_(collector), entry_(entry), parser_(parser) {}
    void Add(std::string_view name, std::string_view value, parse::FieldType) override {
      std::string label(name);
      if (entry_.HasBase(label)) label += "_extracted";
      collector_.Add(label, std::string(value), parser_);
    }

   private:
    FieldCollector& collector_;
    const query::exec::Entry& entry_;
    const char* parser_;
  };

  void Add(const std::string& name, const std::string& value, const char* parser) {
    if (name.empty() || value.empty()) return;
    if (!fields_.contains(name) && fields_.size() >= limit_) return;
    DetectedField& field = fields_[name];
    if (field.values.size() < kMaxValues) field.values.insert(value);
    if (*parser != '\0') field.parsers.insert(parser);
    const std::string type = TypeOf(value);
    if (field.type.empty()) {
      field.type = type;
    } else if (field.type != type) {
      const bool numbers =
          (field.type == "int" || field.type == "float") && (type == "int" || type == "float");
      field.type = numbers ? "float" : "string";
    }
  }

  const size_t limit_;
  std::map<std::string, DetectedField> fields_;
};

absl::StatusOr<size_t> FieldLimit(const LokiCall& call) {
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t limit, call.loki.Count("limit", kMaxFields));
  if (limit <= 0) return absl::InvalidArgumentError("limit must be a positive value");
  return std::min(static_cast<size_t>(limit), kMaxFields);
}

absl::Status CollectFields(const LokiCall& call, FieldCollector& collector) {
  TAFFRAIL_ASSIGN_OR_RETURN(const LokiRequest::Range range, call.loki.TimeRange(kHourNs));
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t lines, call.loki.Count("line_limit", 1000));
  const std::string text = call.loki.Text("query", "{}");
  TAFFRAIL_ASSIGN_OR_RETURN(
      query::lang::logql::Query query,
      ParseLoki(text, {.now_ns = call.loki.now_ns(), .grid = {0, 0, 1}, .entries = true}));
  if (query.is_metric) return absl::InvalidArgumentError("only log queries have fields to detect");
  query.plan.source.range = {range.start_ns, range.end_ns};
  query.plan.source.order = plan::Order::kDescending;
  query.plan.stages.emplace_back(
      plan::Limit{.count = static_cast<uint64_t>(std::clamp<int64_t>(lines, 1, kMaxLines))});
  query::exec::ExecStats stats;
  return RunForClient(call.app, call.responder, query.plan, collector, stats);
}

absl::StatusOr<std::string> DetectedFields(const LokiCall& call) {
  TAFFRAIL_ASSIGN_OR_RETURN(const size_t limit, FieldLimit(call));
  FieldCollector collector(limit);
  TAFFRAIL_RETURN_IF_ERROR(CollectFields(call, collector));
  std::string out = "{\"fields\":[";
  for (const auto& [name, field] : collector.fields()) {
    if (out.back() != '[') out += ',';
    out += "{\"label\":";
    record::AppendJsonString(name, out);
    fmt::format_to(std::back_inserter(out), ",\"type\":\"{}\",\"cardinality\":{},\"parsers\":", field.type,
                   field.values.size());
    if (field.parsers.empty()) {
      out += "null}";
      continue;
    }
    out += '[';
    for (const std::string& parser : field.parsers) {
      if (out.back() != '[') out += ',';
      record::AppendJsonString(parser, out);
    }
    out += "]}";
  }
  fmt::format_to(std::back_inserter(out), "],\"limit\":{}}}\n", limit);
  return out;
}

absl::StatusOr<std::string> DetectedFieldValues(const LokiCall& call) {
  TAFFRAIL_ASSIGN_OR_RETURN(const size_t limit, FieldLimit(call));
  FieldCollector collector(kMaxFields);
  TAFFRAIL_RETURN_IF_ERROR(CollectFields(call, collector));
  const auto found = collector.fields().find(std::string(call.request.PathParameter("name")));
  std::string out = "{\"values\":[";
  if (found != collector.fields().end()) {
    size_t count = 0;
    for (const std::string& value : found->second.values) {
      if (count++ == limit) break;
      if (out.back() != '[') out += ',';
      record::AppendJsonString(value, out);
    }
  }
  fmt::format_to(std::back_inserter(out), "],\"limit\":{}}}\n", limit);
  return out;
}

// Labels that look like ids are left out, as Loki does: nobody browses by them.
absl::StatusOr<std::string> DetectedLabels(const LokiCall& call) {
  TAFFRAIL_ASSIGN_OR_RETURN(const LokiRequest::Range range, call.loki.TimeRange(kHourNs));
  TAFFRAIL_ASSIGN_OR_RETURN(auto matcher, LokiMatcher(call.loki.Text("query")));
  TAFFRAIL_ASSIGN_OR_RETURN(const StreamVolumes streams,
                            StreamsOf(call.app, call.responder, std::move(matcher), range, false));
  std::map<std::string, std::set<std::string>> labels;
  for (const auto& [stream, volume] : streams) {
    for (const auto& [name, value] : stream) labels[name].insert(value);
  }
  std::string out = "{\"detectedLabels\":[";
  for (const auto& [name, values] : labels) {
    const bool ids = std::all_of(values.begin(), values.end(), [](const std::string& value) {
      return value.size() == 36 && value[8] == '-' && value[13] == '-';
    });
    if (ids) continue;
    if (out.back() != '[') out += ',';
    out += "{\"label\":";
    record::AppendJsonString(name, out);
    fmt::format_to(std::back_inserter(out), ",\"cardinality\":{}}}", values.size());
  }
  return out + "]}\n";
}

absl::StatusOr<std::string> Patterns(const LokiCall& call) {
  TAFFRAIL_ASSIGN_OR_RETURN(const LokiRequest::Range range, call.loki.TimeRange(kHourNs));
  TAFFRAIL_ASSIGN_OR_RETURN(expr::ExprPtr filter, LokiCondition(call.loki.Text("query")));
  constexpr int64_t kMinStepNs = 10'000'000'000;  // Loki counts patterns by ten seconds
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t step_ns, call.loki.Duration("step", kMinStepNs));
  const bool moment = range.start_ns == range.end_ns;
  const PatternQuery query{
      .range = {range.start_ns, moment && range.end_ns != INT64_MAX ? range.end_ns + 1 : range.end_ns},
      .filter = std::move(filter),
      .steps = {.step_ns = std::max(step_ns, kMinStepNs), .max_steps = plan::kMaxGridPoints}};
  TAFFRAIL_ASSIGN_OR_RETURN(const MinedLines found, RunPatterns(call.app, call.responder, query));
  std::string out = "{\"status\":\"success\",\"data\":[";
  constexpr size_t kMaxShown = 300;
  size_t shown = 0;
  for (const pattern::Template& one : found.mined.templates) {
    if (shown++ == kMaxShown) break;
    if (out.back() != '[') out += ',';
    out += "{\"pattern\":";
    record::AppendJsonString(one.Text(), out);
    out += ",\"samples\":[";
    for (const auto& [time_ns, count] : one.lines.counts) {
      if (out.back() != '[') out += ',';
      fmt::format_to(std::back_inserter(out), "[{},{}]", time_ns / 1'000'000'000, count);
    }
    out += "]}";
  }
  return out + "]}\n";
}

}  // namespace

void AddLokiFieldRoutes(net::Router& router, App& app) {
  AddLokiRoute(router, app, "/loki/api/v1/detected_labels", DetectedLabels);
  AddLokiRoute(router, app, "/loki/api/v1/detected_fields", DetectedFields);
  AddLokiRoute(router, app, "/loki/api/v1/detected_field/{name}/values", DetectedFieldValues);
  AddLokiRoute(router, app, "/loki/api/v1/patterns", Patterns);
}

}  // namespace taffrail::server
