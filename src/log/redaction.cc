#include "log/redaction.h"

#include <atomic>
#include <cstdio>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "redact/policy.h"
#include "taffrail/redaction.h"

namespace taffrail {
namespace {

class PolicyRedactor final : public Redactor {
 public:
  PolicyRedactor(std::shared_ptr<const redact::Policy> policy, bool is_common)
      : policy_(std::move(policy)),
        is_common_(is_common),
        counts_(std::make_unique<std::atomic<uint64_t>[]>(policy_->engine().rules())) {}

  KeyVerdict judge_key(std::string_view path) override {
    const redact::PathVerdict verdict = VerdictOf(path);
    if (!verdict.action.has_value())
      return verdict.kind == redact::NameKind::kNone ? KeyVerdict::kScan : KeyVerdict::kReplace;
    if (*verdict.action == redact::Action::kRemove) return KeyVerdict::kRemove;
    return *verdict.action == redact::Action::kKeep ? KeyVerdict::kLeave : KeyVerdict::kReplace;
  }

  void replace(std::string_view path, std::string_view value, std::string& out) override {
    if (policy_->Replace(VerdictOf(path), value, out)) {
      counts_[redact::kSecretField].fetch_add(1, std::memory_order_relaxed);
    } else if (!scan(value, out)) {
      out.append(value);
    }
  }

  bool scan(std::string_view text, std::string& out) override {
    if (!policy_->engine().Redact(text, scratch_, out)) return false;
    for (const redact::Finding& finding : scratch_.findings)
      counts_[finding.rule].fetch_add(1, std::memory_order_relaxed);
    return true;
  }

  bool is_common() const { return is_common_; }
  std::vector<std::pair<std::string, uint64_t>> counts() const {
    std::vector<std::pair<std::string, uint64_t>> counts;
    for (size_t i = 0; i < policy_->engine().rules(); ++i) {
      const uint64_t count = counts_[i].load(std::memory_order_relaxed);
      if (count > 0) counts.emplace_back(policy_->engine().RuleId(i), count);
    }
    return counts;
  }

 private:
  // Paths that are made at run time must not fill the memory.
  static constexpr size_t kPathsMax = 4096;

  redact::PathVerdict VerdictOf(std::string_view path) {
    const auto known = verdicts_.find(path);
    if (known != verdicts_.end()) return known->second;
    if (verdicts_.size() >= kPathsMax) verdicts_.clear();
    return verdicts_.emplace(path, policy_->Judge(path)).first->second;
  }

  const std::shared_ptr<const redact::Policy> policy_;
  const bool is_common_;
  redact::Scratch scratch_;
  absl::flat_hash_map<std::string, redact::PathVerdict, base::StringHash, std::equal_to<>> verdicts_;
  std::unique_ptr<std::atomic<uint64_t>[]> counts_;
};

}  // namespace

std::shared_ptr<Redactor> make_redactor(const RedactionConfig& config, std::string* error) {
  const auto fail = [&](const absl::Status& status) {
    if (error != nullptr) *error = std::string(status.message());
    return nullptr;
  };
  auto policy = log::MakePolicy(config);
  if (!policy.ok()) return fail(policy.status());
  const bool is_common = config.fields.empty() && config.rules.empty() && config.actions.empty() &&
                         config.hide_mail_domains && config.canary.empty();
  return std::make_shared<PolicyRedactor>(*std::move(policy), is_common);
}

std::vector<std::pair<std::string, uint64_t>> redaction_counts(const Redactor& redactor) {
  const auto* const own = dynamic_cast<const PolicyRedactor*>(&redactor);
  return own == nullptr ? std::vector<std::pair<std::string, uint64_t>>() : own->counts();
}

namespace log {
namespace {

absl::StatusOr<redact::Action> ActionNamed(const std::string& name) {
  if (const auto action = redact::ActionOf(name)) return *action;
  return absl::InvalidArgumentError("there is no action \"" + name + "\"; there are " +
                                    redact::ActionNames());
}

}  // namespace

redact::UserRule UserRuleOf(const RedactionRule& rule) {
  redact::UserRule own{rule.id, rule.pattern, rule.context, rule.whole, {}};
  for (const RedactionCase& each : rule.cases) {
    const bool catches = each.leaves.empty();
    own.cases.push_back({catches ? each.catches : each.leaves, catches});
  }
  return own;
}

absl::StatusOr<std::shared_ptr<const redact::Policy>> MakePolicy(const RedactionConfig& config) {
  redact::PolicyOptions options;
  options.engine.masks = {.hash_key = config.hash_key, .hide_mail_domains = config.hide_mail_domains};
  options.engine.canary = config.canary;
  for (const RedactionRule& rule : config.rules) options.engine.rules.push_back(UserRuleOf(rule));
  for (const RedactedField& field : config.fields) {
    TAFFRAIL_ASSIGN_OR_RETURN(const redact::Action action, ActionNamed(field.action));
    options.fields.push_back({field.path, action});
  }
  for (const RedactionAction& rule : config.actions) {
    TAFFRAIL_ASSIGN_OR_RETURN(const redact::Action action, ActionNamed(rule.action));
    options.actions.push_back({rule.rule, action});
  }
  return redact::Policy::Make(options);
}

void AddRedactor(Config& config) {
  if (config.redactor != nullptr || !config.redaction.enabled) return;
  std::string error;
  config.redactor = make_redactor(config.redaction, &error);
  if (config.redactor != nullptr) return;
  std::fprintf(stderr, "taffrail: the configuration of redaction is not used, only the built-in rules: %s\n",
               error.c_str());
  config.redactor = make_redactor({});
}

bool IsCommonRedactor(const Redactor* redactor) {
  if (redactor == nullptr) return true;
  const auto* const own = dynamic_cast<const PolicyRedactor*>(redactor);
  return own != nullptr && own->is_common();
}

}  // namespace log
}  // namespace taffrail
