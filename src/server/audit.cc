// /api/v1/audit…: the ledgers in C2SP's tlog-tiles layout, proofs of single records, and the witness.
#include <string>
#include <utility>

#include "audit/reader.h"
#include "base/time_text.h"
#include "fmt/format.h"
#include "net/problem.h"
#include "server/params.h"
#include "server/routes.h"

namespace taffrail::server {
namespace {

using net::HttpRequest;
using net::HttpResponder;

constexpr uint64_t kMaxWitnessBodyBytes = 128 << 10;  // a checkpoint and a proof are some kilobytes

ledger::Ledger* FindLedger(App& app, HttpRequest& request, HttpResponder& responder) {
  const ledger::LedgerName name{std::string(request.PathParameter("tenant")),
                                std::string(request.PathParameter("class"))};
  ledger::Ledger* const found = app.audit == nullptr ? nullptr : app.audit->ledgers().Find(name);
  if (found == nullptr) {
    responder.SendProblem(404, fmt::format("there is no audit ledger of tenant {} and class {}", name.tenant,
                                           name.ledger_class));
  }
  return found;
}

std::string StateJson(const ledger::LedgerName& name, ledger::Ledger& ledger) {
  const ledger::LedgerState state = ledger.State();
  const std::string time =
      state.checkpoint_ns == 0 ? "null" : net::JsonQuote(base::FormatRfc3339(state.checkpoint_ns, 3));
  const std::string problem =
      state.publish_error.ok() ? "null" : net::JsonQuote(std::string(state.publish_error.message()));
  return fmt::format(R"({{"tenant":{},"class":{},"origin":{},"key":{},"size":{},"signed_size":{},)"
                     R"("checkpoint_time":{},"checkpoints":{},"cosignatures":{},"problem":{}}})",
                     net::JsonQuote(name.tenant), net::JsonQuote(name.ledger_class),
                     net::JsonQuote(ledger.origin()), net::JsonQuote(ledger.public_key().ToString()),
                     state.size, state.signed_size, time, state.checkpoints, state.cosignatures, problem);
}

void HandleList(App& app, HttpRequest&, HttpResponder& responder) {
  std::string json = "{\"ledgers\":[";
  if (app.audit != nullptr) {
    bool first = true;
    for (const auto& [name, ledger] : app.audit->ledgers().Open()) {
      json += (first ? "" : ",") + StateJson(name, *ledger);
      first = false;
    }
  }
  json += "]";
  if (app.audit != nullptr) {
    const ingest::AuditCounts counts = app.audit->door().counts();
    json += fmt::format(R"(,"records":{},"incomplete":{},"rejected":{},"sealed_values":{},"failures":{})",
                        counts.records, counts.incomplete, counts.rejected, counts.sealed, counts.failures);
    if (app.audit->witness() != nullptr) {
      json += R"(,"witness":)" + net::JsonQuote(app.audit->witness()->public_key().ToString());
    }
  }
  responder.Send(200, {{"Content-Type", "application/json"}}, json + "}");
}

void HandleCheckpoint(App& app, HttpRequest& request, HttpResponder& responder) {
  ledger::Ledger* const ledger = FindLedger(app, request, responder);
  if (ledger == nullptr) return;
  responder.Send(200, {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-cache"}},
                 ledger->State().checkpoint);
}

void HandleTile(App& app, HttpRequest& request, HttpResponder& responder) {
  ledger::Ledger* const ledger = FindLedger(app, request, responder);
  if (ledger == nullptr) return;
  const auto tile = audit::ParseTilePath("tile/" + std::string(request.PathParameter("path")));
  if (!tile)
    return responder.SendProblem(404, "no path of a tile, as in tile/0/x001/234 or tile/entries/000.p/7");
  // What is on disk beyond the checkpoint is not signed yet, and may be half written.
  const uint64_t size = ledger->State().signed_size;
  if (audit::WidthOf(tile->level, tile->index, size) < tile->width) {
    return responder.SendProblem(404,
                                 fmt::format("the signed log of {} records does not reach that far", size));
  }
  absl::StatusOr<std::string> bytes = ledger->source().Read(audit::TilePath(*tile));
  if (!bytes.ok()) return responder.SendError(bytes.status());
  responder.Send(200,
                 {{"Content-Type", "application/octet-stream"},
                  {"Cache-Control", "public, max-age=31536000, immutable"}},
                 *std::move(bytes));
}

void HandleProof(App& app, HttpRequest& request, HttpResponder& responder) {
  ledger::Ledger* const ledger = FindLedger(app, request, responder);
  if (ledger == nullptr) return;
  Params params(request.query, app.env.NowNs());
  const uint64_t index = params.Count("index", UINT64_MAX, UINT64_MAX - 1);
  if (const absl::Status status = params.Finish(); !status.ok()) return responder.SendError(status);
  const ledger::LedgerState state = ledger->State();
  if (index >= state.signed_size) {
    return responder.SendProblem(
        404, fmt::format("give index, the record's number, below the {} that are signed", state.signed_size));
  }
  absl::StatusOr<audit::Proof> proof =
      audit::ProofBuilder(ledger->source(), state.signed_size).Inclusion(index);
  if (!proof.ok()) return responder.SendError(proof.status());
  const audit::LogProof file{"", index, *std::move(proof), state.checkpoint};
  responder.Send(200, {{"Content-Type", "text/plain; charset=utf-8"}}, file.ToString());
}

void HandleWitness(App& app, HttpRequest& request, HttpResponder& responder) {
  if (app.audit == nullptr || app.audit->witness() == nullptr) {
    return responder.SendProblem(404, "this server is no witness; audit.witness_for makes it one");
  }
  const absl::StatusOr<std::string> body = request.ReadWholeBody(kMaxWitnessBodyBytes);
  if (!body.ok()) return responder.SendError(body.status());
  ledger::WitnessAnswer answer = app.audit->witness()->Add(*body);
  responder.Send(answer.status, {{"Content-Type", answer.content_type}}, std::move(answer.body));
}

}  // namespace

void AddAuditRoutes(net::Router& router, App& app) {
  const auto add = [&](const char* method, const char* pattern, auto handle) {
    router.Add(method, pattern, [&app, handle](HttpRequest& request, HttpResponder& responder) {
      handle(app, request, responder);
    });
  };
  add("GET", "/api/v1/audit", HandleList);
  add("GET", "/api/v1/audit/{tenant}/{class}/checkpoint", HandleCheckpoint);
  add("GET", "/api/v1/audit/{tenant}/{class}/tile/{path...}", HandleTile);
  add("GET", "/api/v1/audit/{tenant}/{class}/proof", HandleProof);
}

void AddWitnessRoutes(net::Router& router, App& app) {
  router.Add(
      "POST", "/api/v1/audit/witness/add-checkpoint",
      [&app](HttpRequest& request, HttpResponder& responder) { HandleWitness(app, request, responder); });
}

}  // namespace taffrail::server
