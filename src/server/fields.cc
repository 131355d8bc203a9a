// GET /api/v1/fields and /api/v1/fields/{name}/values: which fields there are, and which values one has. What
// completes a query while it is typed.
#include <algorithm>
#include <memory>
#include <string>

#include "expr/field_reader.h"
#include "query/lang/language.h"
#include "record/row_cursor.h"
#include "server/facets.h"
#include "server/field_catalog.h"
#include "server/params.h"
#include "server/query_text.h"
#include "server/routes.h"
#include "server/scan.h"

namespace taffrail::server {
namespace {

using net::HttpRequest;
using net::HttpResponder;

constexpr uint64_t kMaxFieldsListed = 20'000;
constexpr uint64_t kMaxValuesListed = 1000;

// `query`, `lang`, `from`, `to`: of which records. Shared by both routes.
absl::StatusOr<store::ScanRequest> ReadRecords(App& app, Params& params) {
  const std::string text = params.Text("query", "*");
  const std::string language = params.Choice("lang", query::lang::LanguageNames());
  store::ScanRequest scan;
  scan.range = params.Range();
  TAFFRAIL_RETURN_IF_ERROR(params.Finish());
  TAFFRAIL_ASSIGN_OR_RETURN(const RecordsQuery records, ParseRecords(language, text, app.env.NowNs()));
  scan.range.from_ns = std::max(scan.range.from_ns, records.range.from_ns);
  scan.range.to_ns = std::min(scan.range.to_ns, records.range.to_ns);
  TAFFRAIL_ASSIGN_OR_RETURN(scan.predicate, expr::Matcher::Compile(records.filter));
  return scan;
}

void HandleFields(App& app, HttpRequest& request, HttpResponder& responder) {
  Params params(request.query, app.env.NowNs());
  const uint64_t limit = params.Count("limit", 1000, kMaxFieldsListed);
  const absl::StatusOr<store::ScanRequest> scan = ReadRecords(app, params);
  if (!scan.ok()) return responder.SendError(scan.status());
  FieldCatalog catalog;
  const absl::Status status = RunScan(app, responder, *scan, [&](const auto& batch, const auto& rows) {
    catalog.Add(batch, rows);
    return true;
  });
  if (!status.ok()) return responder.SendError(status);
  responder.Send(200, {{"Content-Type", "application/json"}}, catalog.ToJson(limit));
}

void HandleValues(App& app, HttpRequest& request, HttpResponder& responder) {
  Params params(request.query, app.env.NowNs());
  const uint64_t limit = params.Count("limit", 20, kMaxValuesListed);
  Facet facet(std::string(request.PathParameter("name")), params.Text("prefix"));
  absl::StatusOr<store::ScanRequest> scan = ReadRecords(app, params);
  if (!scan.ok()) return responder.SendError(scan.status());
  scan->columns.fields = {facet.field()};
  const absl::Status status = RunScan(app, responder, *scan, [&](const auto& batch, const auto& rows) {
    record::RowCursor cursor(batch);
    const expr::FieldReader reader(batch, facet.field());
    for (const uint32_t row : rows) {
      cursor.MoveTo(row);
      facet.Add(reader, cursor);
    }
    return true;
  });
  if (!status.ok()) return responder.SendError(status);
  std::string out;
  facet.AppendJson(limit, out);
  responder.Send(200, {{"Content-Type", "application/json"}}, out + "\n");
}

}  // namespace

void AddFieldsRoutes(net::Router& router, App& app) {
  router.Add("GET", "/api/v1/fields", [&app](HttpRequest& request, HttpResponder& responder) {
    HandleFields(app, request, responder);
  });
  router.Add("GET", "/api/v1/fields/{name}/values", [&app](HttpRequest& request, HttpResponder& responder) {
    HandleValues(app, request, responder);
  });
}

}  // namespace taffrail::server
