// /metrics, in Prometheus' text format. Every counter of ingest, store, queries and tails, named by what it
// counts.
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "redact/policy.h"
#include "server/exposition.h"
#include "server/routes.h"
#include "server/tenants.h"

namespace taffrail::server {
namespace {

void AddIntake(const ingest::CounterValues& values, Exposition& out) {
  const ingest::IntakeStats& intake = values.intake;
  out.Family("taffrail_ingest_uploads_total", "counter", "Requests that brought lines.");
  for (const auto& [protocol, count] : values.uploads) {
    out.Sample(count, fmt::format("protocol=\"{}\"", protocol));
  }
  out.One("taffrail_ingest_body_bytes_total", "counter", "Bytes of their bodies, decompressed.",
          values.body_bytes);
  out.Family("taffrail_ingest_lines_total", "counter", "Lines read, by what they are.");
  out.Sample(intake.lines.json, "kind=\"json\"");
  out.Sample(intake.lines.text, "kind=\"text\"");
  out.Family("taffrail_ingest_odd_lines_total", "counter",
             "Lines with an oddity (docs/ingest.md); a line may have several.");
  const std::pair<std::string_view, uint64_t> oddities[] = {
      {"invalid_utf8", intake.lines.invalid_utf8},
      {"with_nul", intake.lines.with_nul},
      {"malformed_json", intake.lines.malformed_json},
      {"clipped", intake.lines.clipped},
      {"blank", intake.blank},
      {"time_missing", intake.time_missing},
      {"time_unreadable", intake.time_unreadable},
      {"time_future", intake.time_future},
      {"repeated_keys", intake.oddities.repeated_keys},
      {"huge_numbers", intake.oddities.huge_numbers},
      {"deep_nesting", intake.oddities.deep_nesting},
      {"labels_refused", intake.labels_refused},
  };
  for (const auto& [oddity, count] : oddities) out.Sample(count, fmt::format("oddity=\"{}\"", oddity));
  out.Family("taffrail_ingest_refused_total", "counter", "Uploads not taken, or not in full, by reason.");
  for (const auto& [reason, count] : values.refused) out.Sample(count, fmt::format("reason=\"{}\"", reason));
}

void AddCommits(const ingest::CommitStats& commit, Exposition& out) {
  out.One("taffrail_commit_rows_total", "counter", "Records made durable.", commit.rows);
  out.One("taffrail_commit_failures_total", "counter", "Commits that failed.", commit.failures);
  out.Family("taffrail_commit_seconds", "histogram", "From a decoded batch to its acknowledgement.");
  uint64_t below = 0;
  for (size_t i = 0; i < ingest::kCommitSecondsBounds.size(); ++i) {
    below += commit.by_latency[i];
    out.Suffixed("_bucket", below, fmt::format("le=\"{}\"", ingest::kCommitSecondsBounds[i]));
  }
  out.Suffixed("_bucket", commit.commits, "le=\"+Inf\"");
  out.Suffixed("_sum", commit.seconds_total);
  out.Suffixed("_count", commit.commits);
  out.One("taffrail_last_commit_timestamp_seconds", "gauge",
          "Unix time of the last commit; 0: none since the start.",
          static_cast<double>(commit.last_success_ns) / 1e9);
}

void AddDeduplication(const ingest::Deduplicator* deduplicator, Exposition& out) {
  if (deduplicator == nullptr) return;
  const ingest::DeduplicationCounts counts = deduplicator->counts();
  out.One("taffrail_ingest_duplicates_total", "counter",
          "Lines acknowledged and not stored again, for their id.", counts.duplicates);
  out.One("taffrail_ingest_dedup_ids", "gauge", "Ids that are remembered.", counts.ids);
  out.One("taffrail_ingest_dedup_left_early_total", "counter",
          "Ids forgotten before ingest.dedup_window was over, to bound the memory.", counts.left_early);
}

void AddStore(const store::StoreInfo& info, Exposition& out) {
  out.One("taffrail_store_rows", "gauge", "Records in the store.", info.rows);
  out.One("taffrail_store_raw_bytes", "gauge", "Their lines' size.", info.raw_bytes);
  out.One("taffrail_store_disk_bytes", "gauge", "Size of the store's files.", info.disk_bytes);
  out.One("taffrail_store_wal_bytes", "gauge", "Of these, the write-ahead log.", info.wal_bytes);
  out.One("taffrail_store_memtable_bytes", "gauge", "Memory held by records not yet in a part.",
          info.memtable_bytes);
  out.One("taffrail_store_parts", "gauge", "Parts in the store.", info.parts.size());
  out.One("taffrail_store_flushes_total", "counter", "Memtables written as parts.", info.flushes);
  out.One("taffrail_store_merges_total", "counter", "Merges of parts.", info.merges);
  out.One("taffrail_store_merge_waited_seconds_total", "counter",
          "What merges have slept, to write no faster than store.merge_mb_per_s.",
          static_cast<double>(info.merge_waited_ns) / 1e9);
  out.One("taffrail_store_busy", "gauge", "1 while a flush or a merge is under way or due.",
          info.busy ? 1 : 0);
  out.One("taffrail_store_healthy", "gauge", "1 while flushes and merges go on.",
          info.background_error.ok() ? 1 : 0);
}

void AddQueries(App& app, Exposition& out) {
  const QueryCounters& queries = app.queries;
  out.One("taffrail_queries_total", "counter", "Searches and trails begun.", queries.queries.load());
  out.One("taffrail_queries_failed_total", "counter", "Of these, ended by an error.", queries.failed.load());
  out.One("taffrail_queries_cancelled_total", "counter", "Of these, left by their client.",
          queries.cancelled.load());
  out.One("taffrail_query_seconds_total", "counter", "Time spent in them.",
          static_cast<double>(queries.duration_us.load()) / 1e6);
  out.One("taffrail_query_rows_read_total", "counter", "Records they looked at.", queries.rows_read.load());
  out.One("taffrail_query_rows_matched_total", "counter", "Records they found.", queries.rows_matched.load());
  out.One("taffrail_query_bytes_read_total", "counter", "Bytes of parts they read.",
          queries.bytes_read.load());
  const ingest::StandingQueries::Totals standing = app.pipeline.standing().totals();
  out.One("taffrail_tails", "gauge", "Open live tails.", app.tails.count());
  out.One("taffrail_standing_matched_total", "counter", "Records that standing queries found.",
          standing.matched);
  out.One("taffrail_standing_dropped_total", "counter", "Of these, dropped because the reader was slow.",
          standing.dropped);
}

// What looks like secrets, as ingest met it; and whether its rules find the secrets that they are for.
void AddRedaction(const ingest::Redaction& redaction, Exposition& out) {
  out.Family("taffrail_redaction_mode", "gauge",
             "What is done with secrets in lines that come in: 1 for the mode.");
  out.Sample(1, fmt::format("mode=\"{}\"", ingest::NameOf(redaction.mode())));
  if (redaction.mode() == ingest::RedactionMode::kOff) return;
  const ingest::RedactionCounts counts = redaction.Read();
  out.One("taffrail_redaction_records_total", "counter", "Records that were looked through.", counts.records);
  out.One("taffrail_redaction_masked_total", "counter",
          "Records that were stored without a secret they came with.", counts.masked);
  out.Family("taffrail_redaction_found_total", "counter",
             "Secrets in what was sent, by the rule that found them and the service that sent them.");
  for (const auto& [key, found] : counts.found)
    out.Sample(found, fmt::format("rule=\"{}\",service=\"{}\"", key.first, LabelValue(key.second)));
  out.One("taffrail_redaction_canary_ok", "gauge",
          "1 while a secret of every rule, put into a line now, does not come out of it.",
          redaction.policy()->engine().Canary().empty() ? 1 : 0);
}

void AddRetention(const Retention& retention, Exposition& out) {
  const RetentionState state = retention.State();
  const retain::Forecast forecast = retention.Forecast();
  out.One("taffrail_retention_max_age_seconds", "gauge", "Lines older than this are dropped; 0: any age.",
          retention.policy().max_age_days * 86'400);
  out.One("taffrail_retention_max_size_bytes", "gauge",
          "The oldest days are dropped above this; 0: any size.", retention.policy().max_size_bytes);
  out.One("taffrail_retention_runs_total", "counter", "Looks for days to drop.", state.runs);
  out.One("taffrail_retention_failures_total", "counter", "Of these, ended by an error.", state.failures);
  out.One("taffrail_retention_clock_doubted", "gauge",
          "1 while the clock went ahead by days and nothing is dropped by age.", state.clock_doubted ? 1 : 0);
  constexpr retain::Reason kReasons[] = {retain::Reason::kAge, retain::Reason::kSize, retain::Reason::kDisk};
  const auto by_reason = [&](const std::array<uint64_t, 3>& values) {
    for (const retain::Reason reason : kReasons)
      out.Sample(values[static_cast<size_t>(reason)], fmt::format("reason=\"{}\"", retain::NameOf(reason)));
  };
  out.Family("taffrail_retention_dropped_rows_total", "counter", "Records dropped, by the limit they met.");
  by_reason(state.dropped_rows);
  out.Family("taffrail_retention_dropped_bytes_total", "counter", "Size of their files.");
  by_reason(state.dropped_bytes);
  out.One("taffrail_store_oldest_timestamp_seconds", "gauge",
          "Unix time of the oldest record in parts; 0: there is none.",
          static_cast<double>(forecast.oldest_ns.value_or(0)) / 1e9);
  if (forecast.days_until_full)
    out.One("taffrail_store_days_until_full", "gauge", "At the pace of the last week; absent: not foreseen.",
            *forecast.days_until_full);
}

void AddAudit(App& app, Exposition& out) {
  if (app.audit == nullptr) return;
  const ingest::AuditCounts counts = app.audit->door().counts();
  out.One("taffrail_audit_records_total", "counter", "Audit records that a ledger took.", counts.records);
  out.One("taffrail_audit_incomplete_total", "counter", "Audit records that left a question open.",
          counts.incomplete);
  out.One("taffrail_audit_rejected_total", "counter", "Of these, refused.", counts.rejected);
  out.One("taffrail_audit_sealed_values_total", "counter", "Personal values sealed.", counts.sealed);
  out.One("taffrail_audit_failures_total", "counter", "Audit records that no ledger took.", counts.failures);
  uint64_t unsigned_records = 0;
  uint64_t troubled = 0;
  for (const auto& [name, ledger] : app.audit->ledgers().Open()) {
    const ledger::LedgerState state = ledger->State();
    unsigned_records += state.size - state.signed_size;
    if (!state.publish_error.ok()) ++troubled;
  }
  out.One("taffrail_audit_unsigned_records", "gauge", "Acknowledged records that no checkpoint signs yet.",
          unsigned_records);
  out.One("taffrail_audit_ledgers_without_checkpoint", "gauge",
          "Ledgers whose checkpoints cannot be written; /api/v1/audit says why.", troubled);
}

// Of one tenant, or of the one store that there is.
void AddApp(App& app, Exposition& out) {
  const ingest::CounterValues values = app.pipeline.counters().Read();
  AddIntake(values, out);
  AddCommits(values.commit, out);
  AddDeduplication(app.pipeline.deduplicator(), out);
  AddRedaction(app.pipeline.redaction(), out);
  AddStore(app.store.Info(), out);
  AddQueries(app, out);
  out.One("taffrail_admin_refused_total", "counter", "Admin requests without the right token.",
          app.admin.refused());
  AddRetention(app.retention, out);
  AddAudit(app, out);
}

void AddQueues(const Tenants::Queues& queues, bool has_tenants, Exposition& out) {
  const auto labels = [&](const net::LaneState& lane) {
    return has_tenants ? fmt::format("tenant=\"{}\"", LabelValue(lane.name)) : std::string();
  };
  out.Family("taffrail_queries_running", "gauge", "Requests that read lines now; absent: none.");
  for (const net::LaneState& lane : queues.lanes) out.Sample(lane.running, labels(lane));
  out.Family("taffrail_queries_waiting", "gauge", "Requests that wait for limits.max_concurrent_queries.");
  for (const net::LaneState& lane : queues.lanes) out.Sample(lane.waiting, labels(lane));
  out.One("taffrail_queries_refused_total", "counter",
          "Requests answered 429: limits.max_queued_queries waited already.", queues.refused);
}

void AddServer(App& app, Exposition& out) {
  if (app.tenants != nullptr) AddQueues(app.tenants->queues(), app.tenants->options().tenants.enabled, out);
  out.One("taffrail_disk_available_bytes", "gauge", "Free space of the store's file system.",
          app.health.Report().disk.available_bytes);
  out.One("taffrail_uptime_seconds", "gauge", "Since the start.",
          static_cast<double>(app.env.NowNs() - app.started_ns) / 1e9);
}

void HandleMetrics(App& app, net::HttpRequest&, net::HttpResponder& responder) {
  Exposition out;
  if (app.tenants != nullptr) {
    app.tenants->ForEach([&](std::string_view name, App& tenant) {
      out.SetCommonLabels(name.empty() ? std::string() : fmt::format("tenant=\"{}\"", LabelValue(name)));
      AddApp(tenant, out);
    });
    out.SetCommonLabels({});
  }
  AddServer(app, out);
  responder.Send(200, {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, out.Text());
}

}  // namespace

void AddMetricsRoutes(net::Router& router, App& app) {
  router.Add("GET", "/metrics", [&app](net::HttpRequest& request, net::HttpResponder& responder) {
    HandleMetrics(app, request, responder);
  });
}

}  // namespace taffrail::server
