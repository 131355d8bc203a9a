// GET /api/v1/trail/{id}: everything about one request id, in order of time, across services and streams.
//
// A record belongs to the trail when a value of it is the id, or has it as a whole word: ids stand in fields
// of any name, in URLs and in sentences. The store finds them by its filters of id-like words, whatever its
// size.
#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "expr/field_reader.h"
#include "expr/matcher.h"
#include "fmt/format.h"
#include "net/problem.h"
#include "record/json_writer.h"
#include "server/params.h"
#include "server/record_fields.h"
#include "server/record_json.h"
#include "server/routes.h"
#include "server/scan.h"
#include "server/trail_hops.h"

namespace taffrail::server {
namespace {

using expr::FieldRef;
using net::HttpRequest;
using net::HttpResponder;

constexpr double kMillisecondNs = 1e6;

// One service's share of the trail.
struct ServiceSpan {
  std::string name;
  uint64_t lines = 0;
  uint64_t errors = 0;
  int64_t first_ns = 0;
  int64_t last_ns = 0;
};

// Reads from the records of one batch what a trail shows of each.
class TrailReader {
 public:
  explicit TrailReader(const record::RecordBatch& batch)
      : rows_(batch),
        level_(batch, {.source = FieldRef::Source::kLevel, .name = {}}),
        message_(batch, {.source = FieldRef::Source::kMessage, .name = {}}),
        service_(batch),
        duration_(batch),
        span_(batch, kSpanKeys),
        parent_(batch, kParentKeys) {}

  query::exec::LogRow Read(size_t row) { return rows_.Read(row); }
  std::string Level() const { return expr::ToText(level_.Read(rows_.cursor())); }
  std::string Message() const { return expr::ToText(message_.Read(rows_.cursor())); }
  std::string Service() const { return service_.Read(rows_.cursor()); }
  std::optional<double> DurationMs() const { return duration_.ReadMs(rows_.cursor()); }
  std::string Span() const { return span_.Read(rows_.cursor()); }
  std::string ParentSpan() const { return parent_.Read(rows_.cursor()); }

 private:
  RowReader rows_;
  const expr::FieldReader level_;
  const expr::FieldReader message_;
  const ServiceReader service_;
  const DurationReader duration_;
  const KeyReader span_;
  const KeyReader parent_;
};

class Trail {
 public:
  explicit Trail(uint64_t max_rows) : max_rows_(max_rows) {}

  // Whether more rows are wanted.
  bool Add(const record::RecordBatch& batch, const expr::Selection& rows) {
    TrailReader reader(batch);
    for (const uint32_t row : rows) {
      if (count_ == max_rows_) {
        truncated_ = true;
        return false;
      }
      AddRecord(reader, row);
    }
    return true;
  }

  bool empty() const { return count_ == 0; }

  std::string ToJson(std::string_view id) const {
    std::string out = "{\"id\":";
    record::AppendJsonString(id, out);
    fmt::format_to(std::back_inserter(out), ",\"lines\":{},\"truncated\":{},\"from\":\"", count_, truncated_);
    record::AppendRfc3339(first_ns_, 9, out);
    out += "\",\"to\":\"";
    record::AppendRfc3339(last_ns_, 9, out);
    fmt::format_to(std::back_inserter(out), "\",\"duration_ms\":{}", OffsetMs(last_ns_));
    out += ",\"services\":[";
    for (const ServiceSpan& span : services_) {
      if (&span != &services_.front()) out += ',';
      out += "{\"service\":";
      record::AppendJsonString(span.name, out);
      fmt::format_to(std::back_inserter(out),
                     ",\"lines\":{},\"errors\":{},\"first_offset_ms\":{},\"last_offset_ms\":{}}}", span.lines,
                     span.errors, OffsetMs(span.first_ns), OffsetMs(span.last_ns));
    }
    out += ']';
    AppendShapeJson(ShapeOf(steps_), first_ns_, out);
    out += ",\"events\":[";
    out += events_;
    out += "]}\n";
    return out;
  }

 private:
  double OffsetMs(int64_t time_ns) const { return static_cast<double>(time_ns - first_ns_) / kMillisecondNs; }

  void AddRecord(TrailReader& reader, size_t row) {
    const query::exec::LogRow record = reader.Read(row);
    const std::string level = reader.Level();
    const std::string service = reader.Service();
    if (count_ == 0) first_ns_ = record.timestamp_ns;
    last_ns_ = record.timestamp_ns;
    const bool is_error = level == "ERROR" || level == "CRITICAL";
    AddToService(service, is_error, record.timestamp_ns);
    if (count_ > 0) events_ += ",\n";
    ++count_;
    fmt::format_to(std::back_inserter(events_),
                   "{{\"offset_ms\":{},\"service\":", OffsetMs(record.timestamp_ns));
    record::AppendJsonString(service, events_);
    events_ += ",\"level\":";
    record::AppendJsonString(level, events_);
    events_ += ",\"message\":";
    record::AppendJsonString(reader.Message(), events_);
    const std::optional<double> duration_ms = reader.DurationMs();
    if (duration_ms) {
      events_ += ",\"duration_ms\":";
      record::AppendDouble(*duration_ms, events_);
    }
    steps_.push_back({.time_ns = record.timestamp_ns,
                      .work_ns = WorkNs(duration_ms),
                      .service = service,
                      .is_error = is_error,
                      .span_id = reader.Span(),
                      .parent_span_id = reader.ParentSpan()});
    AppendMember("span_id", steps_.back().span_id);
    AppendMember("parent_span_id", steps_.back().parent_span_id);
    events_ += ",\"entry\":";
    AppendRecordJson(record, events_);
    events_ += '}';
  }

  void AppendMember(std::string_view name, const std::string& value) {
    if (value.empty()) return;
    fmt::format_to(std::back_inserter(events_), ",\"{}\":", name);
    record::AppendJsonString(value, events_);
  }

  void AddToService(const std::string& name, bool error, int64_t time_ns) {
    auto span =
        std::find_if(services_.begin(), services_.end(), [&](const auto& each) { return each.name == name; });
    if (span == services_.end()) {
      services_.push_back({.name = name, .first_ns = time_ns});
      span = services_.end() - 1;
    }
    ++span->lines;
    if (error) ++span->errors;
    span->last_ns = time_ns;
  }

  const uint64_t max_rows_;
  uint64_t count_ = 0;
  bool truncated_ = false;
  int64_t first_ns_ = 0;
  int64_t last_ns_ = 0;
  std::vector<ServiceSpan> services_;  // in the order of their first lines
  std::vector<TrailStep> steps_;
  std::string events_;  // JSON, comma-separated
};

absl::StatusOr<std::shared_ptr<const expr::Matcher>> MatcherOf(std::string_view id) {
  expr::Expr phrase;
  phrase.op = expr::Expr::Op::kPhrase;
  phrase.field.source = FieldRef::Source::kAny;
  phrase.text = id;
  return expr::Matcher::Compile(expr::Make(std::move(phrase)));
}

void HandleTrail(App& app, HttpRequest& request, HttpResponder& responder) {
  Params params(request.query, app.env.NowNs());
  const uint64_t limit =
      params.Count("limit", app.options.limits.max_trail_rows, app.options.limits.max_trail_rows);
  store::ScanRequest scan;
  scan.range = params.Range();
  if (const absl::Status status = params.Finish(); !status.ok()) return responder.SendError(status);
  const std::string_view id = request.PathParameter("id");
  absl::StatusOr<std::shared_ptr<const expr::Matcher>> matcher = MatcherOf(id);
  if (!matcher.ok()) return responder.SendError(matcher.status());

  scan.predicate = *std::move(matcher);
  scan.columns.line = true;
  scan.order = store::Order::kAscending;
  Trail trail(limit);
  const absl::Status status = RunScan(
      app, responder, scan, [&](const auto& batch, const auto& rows) { return trail.Add(batch, rows); });
  if (!status.ok()) return responder.SendError(status);
  if (trail.empty()) {
    return responder.SendProblem(404, fmt::format("no record has \"{}\" as a value or a whole word", id));
  }
  responder.Send(200, {{"Content-Type", "application/json"}}, trail.ToJson(id));
}

}  // namespace

void AddTrailRoutes(net::Router& router, App& app) {
  router.Add("GET", "/api/v1/trail/{id}", [&app](HttpRequest& request, HttpResponder& responder) {
    HandleTrail(app, request, responder);
  });
}

}  // namespace taffrail::server
