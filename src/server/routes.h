// Every route of the server, by family. docs/api/openapi.yaml describes each; tests/api holds the two against
// each other.
#pragma once

#include <cstdint>
#include <string_view>

#include "net/router.h"
#include "server/app.h"

namespace taffrail::server {

void AddIngestRoutes(net::Router& router, App& app);       // /api/v1/ingest, /loki/api/v1/push
void AddSearchRoutes(net::Router& router, App& app);       // /api/v1/search
void AddTailRoutes(net::Router& router, App& app);         // /api/v1/tail
void AddTrailRoutes(net::Router& router, App& app);        // /api/v1/trail/{id}
void AddLogsRoutes(net::Router& router, App& app);         // /api/v1/logs/{recent,stats,config}
void AddLogsViewRoutes(net::Router& router, App& app);     // /api/v1/logs/{performance,audit}
void AddTestRoutes(net::Router& router, App& app);         // /api/v1/logs/test
void AddOverviewRoutes(net::Router& router, App& app);     // /api/v1/overview
void AddFieldsRoutes(net::Router& router, App& app);       // /api/v1/fields
void AddPatternRoutes(net::Router& router, App& app);      // /api/v1/patterns
void AddContextRoutes(net::Router& router, App& app);      // /api/v1/context
void AddSavedRoutes(net::Router& router, App& app);        // /api/v1/saved
void AddClientErrorRoutes(net::Router& router, App& app);  // /api/v1/client-errors
void AddUiRoutes(net::Router& router, App& app);           // /, /ui/{file}
void AddHealthRoutes(net::Router& router, App& app);       // /healthz, /readyz, /api/v1/logs/health
void AddAdminRoutes(net::Router& router, App& app);        // /api/v1/admin/{delete,drop,snapshot}
void AddMetricsRoutes(net::Router& router, App& app);      // /metrics
void AddAuditRoutes(net::Router& router, App& app);        // /api/v1/audit…
void AddWitnessRoutes(net::Router& router, App& app);      // /api/v1/audit/witness/add-checkpoint
void AddOpenapiRoutes(net::Router& router, App& app);      // /openapi.yaml

void AddLokiQueryRoutes(net::Router& router, App& app);   // /loki/api/v1/{query,query_range,format_query}
void AddLokiLabelRoutes(net::Router& router, App& app);   // …/labels, label/{name}/values, series, index/*
void AddLokiFieldRoutes(net::Router& router, App& app);   // …/detected_labels, detected_fields, patterns
void AddLokiStatusRoutes(net::Router& router, App& app);  // /ready, …/status/buildinfo, rules, alerts
void AddLokiTailRoutes(net::Router& router, App& app);    // …/tail
void AddLokiDeleteRoutes(net::Router& router, App& app);  // …/delete

void AddElasticSearchRoutes(net::Router& router,
                            App& app);  // /elastic/…/_search, _msearch, _count, scroll, _pit
void AddElasticIndexRoutes(net::Router& router, App& app);  // /elastic, …/_mapping, _field_caps, _cat/indices

// How a request waits for its turn, and what it does for a tenant that is not there yet.
enum class RouteKind : uint8_t {
  kOpen,     // about the server: needs no tenant
  kIngest,   // brings lines: makes its tenant
  kTail,     // waits for lines: the same
  kQuery,    // reads lines: in its tenant's lane
  kControl,  // keeps or deletes things: makes its tenant, unless it only asks
};

constexpr bool Makes(RouteKind kind, std::string_view method) {
  return kind == RouteKind::kIngest || kind == RouteKind::kTail ||
         (kind == RouteKind::kControl && method != "GET" && method != "HEAD");
}

struct RouteFamily {
  void (*add)(net::Router& router, App& app);
  RouteKind kind;
};

inline constexpr RouteFamily kRouteFamilies[] = {
    {AddIngestRoutes, RouteKind::kIngest},
    {AddTestRoutes, RouteKind::kIngest},
    {AddClientErrorRoutes, RouteKind::kIngest},
    {AddTailRoutes, RouteKind::kTail},
    {AddLokiTailRoutes, RouteKind::kTail},
    {AddSearchRoutes, RouteKind::kQuery},
    {AddTrailRoutes, RouteKind::kQuery},
    {AddLogsRoutes, RouteKind::kQuery},
    {AddLogsViewRoutes, RouteKind::kQuery},
    {AddOverviewRoutes, RouteKind::kQuery},
    {AddFieldsRoutes, RouteKind::kQuery},
    {AddPatternRoutes, RouteKind::kQuery},
    {AddContextRoutes, RouteKind::kQuery},
    {AddLokiQueryRoutes, RouteKind::kQuery},
    {AddLokiLabelRoutes, RouteKind::kQuery},
    {AddLokiFieldRoutes, RouteKind::kQuery},
    {AddElasticSearchRoutes, RouteKind::kQuery},
    {AddElasticIndexRoutes, RouteKind::kQuery},
    {AddAuditRoutes, RouteKind::kControl},
    {AddSavedRoutes, RouteKind::kControl},
    {AddAdminRoutes, RouteKind::kControl},
    {AddLokiDeleteRoutes, RouteKind::kControl},
    {AddUiRoutes, RouteKind::kOpen},
    {AddHealthRoutes, RouteKind::kOpen},
    {AddMetricsRoutes, RouteKind::kOpen},
    {AddOpenapiRoutes, RouteKind::kOpen},
    {AddLokiStatusRoutes, RouteKind::kOpen},
    {AddWitnessRoutes, RouteKind::kOpen},
};

inline void AddRoutes(net::Router& router, App& app) {
  for (const RouteFamily& family : kRouteFamilies) {
    router.SetKind(static_cast<int>(family.kind));
    family.add(router, app);
  }
}

}  // namespace taffrail::server
