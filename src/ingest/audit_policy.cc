#include "ingest/audit_policy.h"

#include <algorithm>

#include "record/well_known.h"

namespace taffrail::ingest {
namespace {

// Events that say by their name how it went (docs/events.md, E-06): no further outcome is asked of them.
constexpr std::string_view kTellingEvents[] = {
    "authentication_succeeded",
    "authentication_failed",
    "permission_denied",
    "permission_changed",
    "api_key_used",
    "suspicious_activity",
    "token_issued",
    "token_refreshed",
    "scope_changed",
    "revoked",
    "failed",
    "authorization_requested",
};

constexpr std::string_view kOutcome = "outcome";

bool Has(std::span<const JsonField> fields, std::string_view path) {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const JsonField& field) { return field.path == path && !field.text.empty(); });
}

bool TellsItsOutcome(std::span<const JsonField> fields) {
  return std::any_of(fields.begin(), fields.end(), [](const JsonField& field) {
    return field.path == "event" && std::find(std::begin(kTellingEvents), std::end(kTellingEvents),
                                              field.text) != std::end(kTellingEvents);
  });
}

}  // namespace

std::vector<RequiredField> AuditPolicy::DefaultRequired() {
  std::vector<RequiredField> required = {
      {"who",
       {"user_id", "user", "user.id", "user.name", "username", "user_name", "actor", "actor.id", "actor_id",
        "principal", "subject", "account_id", "client_id", "api_key_hash", "service_account", "key_name"}},
      {"what",
       {"event", "action", "operation", "event.action", "event_type", "event_name", "eventName", "activity"}},
      {"on what",
       {"resource", "resource.id", "resource_id", "target", "target_id", "target_user_id", "object",
        "object_id", "permission", "provider", "key_name", "api_key_hash", "path", "url", "entity_id",
        "organization_id"}},
      {"when", {}},
      {"from where",
       {"ip_address", "ip", "client_ip", "source_ip", "remote_addr", "remote_address", "src_ip", "source.ip",
        "client.address", "sourceIPAddress", "host", "hostname", "host.name"}},
      {std::string(kOutcome),
       {"outcome", "event.outcome", "status", "status_code", "result", "success", "accepted", "decision",
        "allowed"}},
  };
  for (const std::string_view path : record::PathsOf(record::Role::kTime))
    required[3].paths.emplace_back(path);
  return required;
}

std::vector<std::string> MissingAnswers(std::span<const JsonField> fields,
                                        const std::vector<RequiredField>& required) {
  std::vector<std::string> missing;
  for (const RequiredField& question : required) {
    bool answered = std::any_of(question.paths.begin(), question.paths.end(),
                                [&](const std::string& path) { return Has(fields, path); });
    if (!answered && question.question == kOutcome) answered = TellsItsOutcome(fields);
    if (!answered) missing.push_back(question.question);
  }
  return missing;
}

bool MatchesPath(std::string_view path, const std::vector<std::string>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(), [&](std::string_view pattern) {
    if (!pattern.ends_with(".*")) return path == pattern;
    return path.starts_with(pattern.substr(0, pattern.size() - 1));
  });
}

std::string_view FirstOf(std::span<const JsonField> fields, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    for (const JsonField& field : fields) {
      if (field.path == path && !field.text.empty()) return field.text;
    }
  }
  return {};
}

std::shared_ptr<const expr::Matcher> BuiltInAuditRule() {
  const auto equal = [](const char* name) {
    expr::Expr expr;
    expr.op = expr::Expr::Op::kEqual;
    expr.field = {expr::FieldRef::Source::kField, name};
    expr.text = "audit";
    expr.ignore_case = true;
    return expr::Make(std::move(expr));
  };
  return *expr::Matcher::Compile(expr::Or({equal("security_level"), equal("category")}));
}

}  // namespace taffrail::ingest
