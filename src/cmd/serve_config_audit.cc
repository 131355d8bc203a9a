#include "cmd/serve_config_audit.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <optional>
#include <utility>

#include "audit/hash.h"
#include "expr/matcher.h"
#include "query/lang/search/search.h"

namespace taffrail::cmd {
namespace {

using Error = AuditConfigError;
using server::AuditOptions;

constexpr size_t kMaxItems = 1000;  // rules, fields, witnesses: nobody writes more by hand

Error At(const YAML::Node& node, std::string message) { return {node.Mark().line, std::move(message)}; }

Error Text(const YAML::Node& value, std::string_view name, std::string& out) {
  if (!value.IsScalar() || value.Scalar().empty())
    return At(value, fmt::format("audit.{} must be a text", name));
  out = value.Scalar();
  return {};
}

Error Texts(const YAML::Node& value, std::string_view name, std::vector<std::string>& out) {
  out.clear();
  if (value.IsScalar()) {
    out.push_back(value.Scalar());
    return {};
  }
  if (!value.IsSequence() || value.size() > kMaxItems) {
    return At(value, fmt::format("audit.{} must be a list, as in [user_id, user]", name));
  }
  for (const YAML::Node& item : value) {
    if (!item.IsScalar()) return At(item, fmt::format("audit.{} must be a list of texts", name));
    out.push_back(item.Scalar());
  }
  return {};
}

Error Number(const YAML::Node& value, std::string_view name, uint64_t least, uint64_t most, uint64_t& out) {
  const std::optional<uint64_t> number =
      value.IsScalar() ? audit::ParseDecimal(value.Scalar()) : std::nullopt;
  if (!number || *number < least || *number > most) {
    return At(value, fmt::format("audit.{} must be a whole number from {} to {}", name, least, most));
  }
  out = *number;
  return {};
}

template <typename Value>
Error Choice(const YAML::Node& value, std::string_view name,
             std::initializer_list<std::pair<std::string_view, Value>> choices, Value& out) {
  std::string names;
  for (const auto& [text, choice] : choices) {
    if (value.IsScalar() && value.Scalar() == text) {
      out = choice;
      return {};
    }
    names += (names.empty() ? "" : ", ") + std::string(text);
  }
  return At(value, fmt::format("audit.{} must be one of {}", name, names));
}

// - {class: security, when: 'category:security'}
Error Rules(const YAML::Node& value, AuditOptions& options) {
  if (!value.IsSequence() || value.size() > kMaxItems) {
    return At(value, "audit.rules must be a list, as in - {class: security, when: 'category:security'}");
  }
  for (const YAML::Node& item : value) {
    if (!item.IsMap() || item.size() != 2 || !item["class"] || !item["when"] || !item["class"].IsScalar() ||
        !item["when"].IsScalar()) {
      return At(item, "a rule of audit.rules has two keys, class and when");
    }
    const auto plan = query::lang::search::Parse(item["when"].Scalar(), 0);
    if (!plan.ok()) return At(item["when"], std::string(plan.status().message()));
    if (!plan->stages.empty()) return At(item["when"], "a rule has conditions only, and no stages after a |");
    auto matcher = expr::Matcher::Compile(plan->source.filter);
    if (!matcher.ok()) return At(item["when"], std::string(matcher.status().message()));
    options.policy.rules.push_back({item["class"].Scalar(), *std::move(matcher)});
  }
  return {};
}

// retention: 2555d, or by class {audit: 2555d, security: 1095d}
Error Days(const YAML::Node& value, const std::string& ledger_class, ingest::AuditAges& ages) {
  constexpr uint64_t kDaysMax = 36'500;  // a century; what is kept for longer is kept
  constexpr int64_t kDayNs = int64_t{86'400} * 1'000'000'000;
  const std::string text = value.IsScalar() ? value.Scalar() : std::string();
  const std::optional<uint64_t> days =
      text.ends_with('d') ? audit::ParseDecimal(std::string_view(text).substr(0, text.size() - 1))
                          : std::nullopt;
  if (!days || *days == 0 || *days > kDaysMax)
    return At(value,
              "audit.retention is in days, as in 2555d, or by class, as in {audit: 2555d, security: 1095d}");
  ages[ledger_class] = static_cast<int64_t>(*days) * kDayNs;
  return {};
}
Error Retention(const YAML::Node& value, ingest::AuditAges& ages) {
  if (!value.IsMap()) return Days(value, "*", ages);
  for (const auto& entry : value) {
    if (Error error = Days(entry.second, entry.first.Scalar(), ages); error.line >= 0) return error;
  }
  return {};
}

// who: [user_id, user]
Error RequiredFields(const YAML::Node& value, AuditOptions& options) {
  if (!value.IsMap()) return At(value, "audit.required_fields holds questions, as in who: [user_id, user]");
  options.policy.required.clear();
  for (const auto& entry : value) {
    ingest::RequiredField field;
    field.question = entry.first.Scalar();
    if (Error error = Texts(entry.second, "required_fields." + field.question, field.paths);
        error.line >= 0) {
      return error;
    }
    options.policy.required.push_back(std::move(field));
  }
  return {};
}

Error Keys(const YAML::Node& value, std::string_view name, std::vector<audit::PublicKey>& out) {
  std::vector<std::string> texts;
  if (Error error = Texts(value, name, texts); error.line >= 0) return error;
  for (const std::string& text : texts) {
    absl::StatusOr<audit::PublicKey> key = audit::PublicKey::Parse(text);
    if (!key.ok()) return At(value, fmt::format("audit.{}: {}", name, std::string(key.status().message())));
    out.push_back(*std::move(key));
  }
  return {};
}

// - {url: 'http://witness:4880/api/v1/audit/witness', key: 'w.example.com+…'}
Error Witnesses(const YAML::Node& value, AuditOptions& options) {
  if (!value.IsSequence() || value.size() > kMaxItems) return At(value, "audit.witnesses must be a list");
  for (const YAML::Node& item : value) {
    if (!item.IsMap() || !item["url"] || !item["key"] || !item["url"].IsScalar()) {
      return At(item, "a witness has url and key");
    }
    std::vector<audit::PublicKey> keys;
    if (Error error = Keys(item["key"], "witnesses.key", keys); error.line >= 0) return error;
    options.witnesses.push_back({item["url"].Scalar(), keys.front()});
  }
  return {};
}

Error Entry(const std::string& name, const YAML::Node& key, const YAML::Node& value, AuditOptions& options) {
  ingest::AuditPolicy& policy = options.policy;
  if (name == "enabled") return Choice<bool>(value, name, {{"true", true}, {"false", false}}, policy.enabled);
  if (name == "risk") return Choice<bool>(value, name, {{"true", true}, {"false", false}}, options.risk);
  if (name == "geoip_city") return Text(value, name, options.geoip_city);
  if (name == "geoip_asn") return Text(value, name, options.geoip_asn);
  if (name == "name") return Text(value, name, options.name);
  if (name == "key_dir") return Text(value, name, options.key_dir);
  if (name == "signer") return Texts(value, name, options.signer);
  if (name == "checkpoint_records") return Number(value, name, 1, 10'000'000, options.checkpoint_records);
  if (name == "checkpoint_interval_ms") {
    uint64_t interval = 0;
    Error error = Number(value, name, 10, 3'600'000, interval);
    if (error.line < 0) options.checkpoint_interval_ms = static_cast<int64_t>(interval);
    return error;
  }
  if (name == "required") {
    using Policy = ingest::IncompletePolicy;
    return Choice<Policy>(value, name,
                          {{"accept", Policy::kAccept}, {"mark", Policy::kMark}, {"reject", Policy::kReject}},
                          policy.incomplete);
  }
  if (name == "on_failure") {
    using Policy = ingest::FailurePolicy;
    return Choice<Policy>(value, name, {{"fail", Policy::kFail}, {"keep", Policy::kKeep}}, policy.on_failure);
  }
  if (name == "required_fields") return RequiredFields(value, options);
  if (name == "tenant_field") return Text(value, name, policy.tenant_field);
  if (name == "tenant_header") return Text(value, name, policy.tenant_header);
  if (name == "personal") return Texts(value, name, policy.personal);
  if (name == "subject_field") return Texts(value, name, policy.subject_fields);
  if (name == "retention") return Retention(value, options.retention);
  if (name == "rules") return Rules(value, options);
  if (name == "witnesses") return Witnesses(value, options);
  if (name == "witness_for") return Keys(value, name, options.witness_logs);
  if (name == "witness_key") return Text(value, name, options.witness_key);
  if (name == "witness_name") return Text(value, name, options.witness_name);
  return At(key, fmt::format("there is no audit.{}; docs/audit.md lists the keys", name));
}

}  // namespace

AuditConfigError ApplyAuditConfig(const YAML::Node& section, server::AuditOptions& options) {
  if (!section.IsMap()) return At(section, "audit holds keys, each on a line of its own");
  for (const auto& entry : section) {
    if (!entry.first.IsScalar()) return At(entry.first, "a key must be a text");
    AuditConfigError error = Entry(entry.first.Scalar(), entry.first, entry.second, options);
    if (error.line >= 0) return error;
  }
  if (!options.policy.personal.empty() && options.policy.subject_fields.empty()) {
    options.policy.subject_fields = {"user_id", "user", "user.id", "username", "email"};
  }
  return {};
}

}  // namespace taffrail::cmd
