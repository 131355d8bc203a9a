// Every route of the server, by family. docs/api/openapi.yaml describes each; tests/api holds the two against
// each other.
#pragma once

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

inline void AddRoutes(net::Router& router, App& app) {
  for (const auto add :
       {AddIngestRoutes,       AddSearchRoutes,     AddTailRoutes,      AddTrailRoutes,
        AddLogsRoutes,         AddLogsViewRoutes,   AddTestRoutes,      AddOverviewRoutes,
        AddFieldsRoutes,       AddPatternRoutes,    AddContextRoutes,   AddSavedRoutes,
        AddClientErrorRoutes,  AddUiRoutes,         AddHealthRoutes,    AddMetricsRoutes,
        AddAuditRoutes,        AddOpenapiRoutes,    AddLokiQueryRoutes, AddLokiLabelRoutes,
        AddLokiFieldRoutes,    AddLokiStatusRoutes, AddLokiTailRoutes,  AddElasticSearchRoutes,
        AddElasticIndexRoutes, AddAdminRoutes,      AddLokiDeleteRoutes}) {
    add(router, app);
  }
}

}  // namespace taffrail::server
