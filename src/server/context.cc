// GET /api/v1/context: one record, and the lines around it in order of time and arrival.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "net/problem.h"
#include "query/lang/language.h"
#include "server/params.h"
#include "server/query_text.h"
#include "server/record_json.h"
#include "server/routes.h"
#include "server/scan.h"

namespace taffrail::server {
namespace {

using net::HttpRequest;
using net::HttpResponder;
using Place = std::pair<int64_t, uint64_t>;  // timestamp, sequence

constexpr uint64_t kMaxAround = 1000;  // each way: further than anyone reads on

Place PlaceOf(const record::RecordBatch& batch, uint32_t row) {
  return {batch.timestamp_ns[row], batch.sequence.empty() ? 0 : batch.sequence[row]};
}

struct ContextRequest {
  Place place;
  size_t before = 0;
  size_t after = 0;
  std::shared_ptr<const expr::Matcher> matcher;  // of the lines around
};

absl::StatusOr<ContextRequest> ReadRequest(App& app, HttpRequest& request) {
  Params params(request.query, app.env.NowNs());
  ContextRequest context;
  context.place.first = params.Time("timestamp", INT64_MIN);
  context.place.second = params.Count("sequence", 0, UINT64_MAX);
  context.before = params.Count("before", 10, kMaxAround);
  context.after = params.Count("after", 10, kMaxAround);
  const std::string text = params.Text("query", "*");
  const std::string language = params.Choice("lang", query::lang::LanguageNames());
  TAFFRAIL_RETURN_IF_ERROR(params.Finish());
  if (context.place.first == INT64_MIN) {
    return absl::InvalidArgumentError("parameter timestamp: give the record's timestamp and sequence");
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const RecordsQuery records, ParseRecords(language, text, app.env.NowNs()));
  TAFFRAIL_ASSIGN_OR_RETURN(context.matcher, expr::Matcher::Compile(records.filter));
  return context;
}

// Appends up to `count` records on one side of the place, nearest first.
absl::Status ReadSide(App& app, const HttpResponder& responder, const ContextRequest& context, bool before,
                      std::vector<std::string>& records) {
  const size_t count = before ? context.before : context.after;
  if (count == 0) return absl::OkStatus();
  store::ScanRequest scan;
  if (before) scan.range.to_ns = context.place.first + 1;
  if (!before) scan.range.from_ns = context.place.first;
  scan.predicate = context.matcher;
  scan.columns.line = true;
  scan.order = before ? store::Order::kDescending : store::Order::kAscending;
  return RunScan(app, responder, scan, [&](const record::RecordBatch& batch, const expr::Selection& rows) {
    expr::Selection wanted;
    for (size_t i = 0; i < rows.size() && records.size() + wanted.size() < count; ++i) {
      const uint32_t row = before ? rows[rows.size() - 1 - i] : rows[i];
      const Place place = PlaceOf(batch, row);
      if (before ? place < context.place : context.place < place) wanted.push_back(row);
    }
    if (before) std::reverse(wanted.begin(), wanted.end());  // a reader only moves forward
    const auto first = static_cast<ptrdiff_t>(records.size());
    RowReader reader(batch);
    for (const uint32_t row : wanted) AppendRecordJson(reader.Read(row), records.emplace_back());
    if (before) std::reverse(records.begin() + first, records.end());
    return records.size() < count;
  });
}

absl::StatusOr<std::string> ReadRecord(App& app, const HttpResponder& responder, const Place& place) {
  store::ScanRequest scan;
  scan.range = {.from_ns = place.first, .to_ns = place.first + 1};
  scan.columns.line = true;
  std::string record;
  TAFFRAIL_RETURN_IF_ERROR(RunScan(app, responder, scan, [&](const auto& batch, const auto& rows) {
    for (const uint32_t row : rows) {
      if (PlaceOf(batch, row) != place) continue;
      RowReader reader(batch);
      AppendRecordJson(reader.Read(row), record);
      return false;
    }
    return true;
  }));
  if (!record.empty()) return record;
  return absl::NotFoundError("there is no record with this timestamp and sequence");
}

void HandleContext(App& app, HttpRequest& request, HttpResponder& responder) {
  const absl::StatusOr<ContextRequest> context = ReadRequest(app, request);
  if (!context.ok()) return responder.SendError(context.status());
  const absl::StatusOr<std::string> record = ReadRecord(app, responder, context->place);
  if (!record.ok()) return responder.SendError(record.status());
  std::vector<std::string> records;
  absl::Status status = ReadSide(app, responder, *context, true, records);
  std::reverse(records.begin(), records.end());
  const size_t index = records.size();
  records.push_back(*record);
  std::vector<std::string> after;
  if (status.ok()) status = ReadSide(app, responder, *context, false, after);
  if (!status.ok()) return responder.SendError(status);
  records.insert(records.end(), after.begin(), after.end());
  responder.Send(200, {{"Content-Type", "application/json"}},
                 fmt::format("{{\"index\":{},\"records\":[{}]}}\n", index, fmt::join(records, ",\n")));
}

}  // namespace

void AddContextRoutes(net::Router& router, App& app) {
  router.Add("GET", "/api/v1/context", [&app](HttpRequest& request, HttpResponder& responder) {
    HandleContext(app, request, responder);
  });
}

}  // namespace taffrail::server
