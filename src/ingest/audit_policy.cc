#include "ingest/audit_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

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

constexpr size_t kNowhere = SIZE_MAX;

// Where a field of this path stands that is asked for by that name: 0 beside the message, else one more than
// its section.
size_t PlaceOf(std::string_view path, std::string_view name) {
  if (!path.ends_with(name)) return kNowhere;  // mostly
  const std::string_view before = path.substr(0, path.size() - name.size());
  if (before.empty()) return 0;
  const auto* const section = std::find(std::begin(kSections), std::end(kSections), before);
  return section == std::end(kSections) ? kNowhere : static_cast<size_t>(section - std::begin(kSections)) + 1;
}

// The value by that name; empty when none.
std::string_view ValueOf(std::span<const JsonField> fields, std::string_view name) {
  std::string_view value;
  size_t best = kNowhere;
  for (const JsonField& field : fields) {
    const size_t place = PlaceOf(field.path, name);
    if (place >= best || field.text.empty()) continue;
    best = place;
    value = field.text;
  }
  return value;
}

bool TellsItsOutcome(std::span<const JsonField> fields) {
  return std::find(std::begin(kTellingEvents), std::end(kTellingEvents), ValueOf(fields, "event")) !=
         std::end(kTellingEvents);
}

bool Fits(std::string_view path, std::string_view pattern) {
  if (!pattern.ends_with(".*")) return path == pattern;
  return path.starts_with(pattern.substr(0, pattern.size() - 1));
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
    bool answered = !FirstOf(fields, question.paths).empty();
    if (!answered && question.question == kOutcome) answered = TellsItsOutcome(fields);
    if (!answered) missing.push_back(question.question);
  }
  return missing;
}

bool MatchesPath(std::string_view path, const std::vector<std::string>& patterns) {
  const auto* const section = std::find_if(std::begin(kSections), std::end(kSections),
                                           [&](std::string_view each) { return path.starts_with(each); });
  const std::string_view plain = section == std::end(kSections) ? path : path.substr(section->size());
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](std::string_view pattern) { return Fits(path, pattern) || Fits(plain, pattern); });
}

std::string_view FirstOf(std::span<const JsonField> fields, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    const std::string_view value = ValueOf(fields, path);
    if (!value.empty()) return value;
  }
  return {};
}

std::shared_ptr<const expr::Matcher> BuiltInAuditRule() {
  std::vector<expr::ExprPtr> any;
  const auto equal = [&any](std::string name) {
    expr::Expr expr;
    expr.op = expr::Expr::Op::kEqual;
    expr.field = {expr::FieldRef::Source::kField, std::move(name)};
    expr.text = "audit";
    expr.ignore_case = true;
    any.push_back(expr::Make(std::move(expr)));
  };
  for (const std::string_view name : {"security_level", "category"}) {
    equal(std::string(name));
    for (const std::string_view section : kSections) equal(fmt::format("{}{}", section, name));
  }
  return *expr::Matcher::Compile(expr::Or(std::move(any)));
}

}  // namespace taffrail::ingest
