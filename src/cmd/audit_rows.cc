#include "cmd/audit_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "audit/seal.h"
#include "base/time_text.h"
#include "cmd/command.h"
#include "ingest/audit_policy.h"
#include "ingest/json_fields.h"
#include "record/well_known.h"

namespace taffrail::cmd {
namespace {

using ingest::JsonField;

const std::vector<std::string>& PathsOf(std::string_view question) {
  static const std::vector<ingest::RequiredField> questions = ingest::AuditPolicy::DefaultRequired();
  static const std::vector<std::string> none;
  for (const ingest::RequiredField& each : questions) {
    if (each.question == question) return each.paths;
  }
  return none;
}

// Opens what is sealed, in place.
absl::Status Reveal(std::vector<JsonField>& fields, ledger::SubjectKeys* subjects) {
  for (JsonField& field : fields) {
    const std::optional<std::string> id = audit::SealedKeyId(field.text);
    if (!id) continue;
    if (subjects == nullptr) {
      field.text = "[sealed]";
      continue;
    }
    TAFFRAIL_ASSIGN_OR_RETURN(const std::optional<audit::SealKey> key, subjects->Find(*id));
    if (!key) {
      field.text = "[erased]";
      continue;
    }
    absl::StatusOr<std::string> opened = audit::Unseal(field.text, field.path, *key);
    field.text = opened.ok() ? *std::move(opened) : "[damaged]";
  }
  return absl::OkStatus();
}

std::string OutcomeOf(const std::vector<JsonField>& fields, const std::string& event) {
  const std::string outcome(ingest::FirstOf(fields, PathsOf("outcome")));
  if (outcome == "true" || outcome == "ok" || outcome == "succeeded") return "success";
  if (outcome == "false" || outcome == "failed" || outcome == "error" || outcome == "denied")
    return "failure";
  if (!outcome.empty()) return outcome;
  constexpr std::string_view kFailures[] = {"authentication_failed", "permission_denied", "failed"};
  if (std::find(std::begin(kFailures), std::end(kFailures), event) != std::end(kFailures)) return "failure";
  return event.empty() ? "" : "success";
}

bool Passes(const AuditRow& row, const RowFilter& filter, int64_t from_ns, int64_t to_ns) {
  if (row.time_ns < from_ns || row.time_ns >= to_ns) return false;
  if (!filter.user.empty() && row.user != filter.user) return false;
  if (!filter.provider.empty() && row.provider != filter.provider) return false;
  if (!filter.event.empty() && row.event != filter.event) return false;
  if (filter.only == "failed-logins") return IsFailedLogin(row);
  if (filter.only == "permission-changes") return IsPermissionChange(row);
  return true;
}

}  // namespace

void AddRowOptions(Command command, RowFilter& filter) {
  command.Add("--user", filter.user, "Only records of this user").Type("USER");
  command.Add("--provider", filter.provider, "Only of this provider").Type("NAME");
  command.Add("--event", filter.event, "Only this event").Type("NAME");
  command.AddChoice("--only", filter.only, {"all", "failed-logins", "permission-changes"},
                    "Only records of one kind (all)");
  command.Add("--from", filter.from, "From this time on: RFC 3339, a date, or -30d").Type("TIME");
  command.Add("--to", filter.to, "Before this time").Type("TIME");
}

bool IsFailedLogin(const AuditRow& row) {
  if (row.event == "authentication_failed") return true;
  const bool login = row.event.find("login") != std::string::npos ||
                     row.event.find("auth") != std::string::npos ||
                     row.event.find("signin") != std::string::npos;
  return (login && row.outcome == "failure") || (row.event == "failed" && !row.provider.empty());
}

bool IsPermissionChange(const AuditRow& row) {
  return row.event == "permission_changed" || row.event == "scope_changed" ||
         row.event.find("role_") != std::string::npos ||
         row.event.find("permission_granted") != std::string::npos ||
         row.event.find("permission_revoked") != std::string::npos;
}

absl::StatusOr<std::vector<AuditRow>> ReadRows(LedgerPlace& place, uint64_t first, uint64_t size,
                                               const RowFilter& filter, int64_t now_ns,
                                               ledger::SubjectKeys* subjects) {
  int64_t from_ns = INT64_MIN;
  int64_t to_ns = INT64_MAX;
  for (const auto& [text, time] : {std::pair(&filter.from, &from_ns), std::pair(&filter.to, &to_ns)}) {
    if (text->empty()) continue;
    TAFFRAIL_ASSIGN_OR_RETURN(*time, base::ParseTimeArg(*text, now_ns));
  }
  std::vector<AuditRow> rows;
  absl::Status problem;
  TAFFRAIL_RETURN_IF_ERROR(
      ForEachRecord(*place.source, first, size, [&](uint64_t index, std::string_view line) {
        std::vector<JsonField> fields = ingest::JsonFieldsOf(line);
        problem = Reveal(fields, subjects);
        AuditRow row;
        row.index = index;
        row.line = line;
        row.time_ns = base::ParseTimestamp(ingest::FirstOf(fields, PathsOf("when"))).value_or(0);
        row.user = ingest::FirstOf(fields, PathsOf("who"));
        row.provider = ingest::FirstOf(fields, {"provider"});
        row.event = ingest::FirstOf(fields, PathsOf("what"));
        row.resource = ingest::FirstOf(fields, PathsOf("on what"));
        row.address = ingest::FirstOf(fields, PathsOf("from where"));
        row.outcome = OutcomeOf(fields, row.event);
        if (problem.ok() && Passes(row, filter, from_ns, to_ns)) rows.push_back(std::move(row));
        return problem.ok();
      }));
  TAFFRAIL_RETURN_IF_ERROR(problem);
  return rows;
}

}  // namespace taffrail::cmd
