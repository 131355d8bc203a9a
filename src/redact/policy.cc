#include "redact/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "redact/chars.h"
#include "redact/json_fields.h"
#include "redact/rule_cases.h"
#include "redact/value.h"

namespace taffrail::redact {
namespace {

struct NamedAction {
  std::string_view name;
  Action action;
};
constexpr std::array<NamedAction, 6> kActions = {{{"mask", Action::kMask},
                                                  {"remove", Action::kRemove},
                                                  {"hash", Action::kHash},
                                                  {"keep-last-4", Action::kKeepLast4},
                                                  {"partial", Action::kPartial},
                                                  {"keep", Action::kKeep}}};

bool IsSecretByName(NameKind kind, std::string_view value) {
  switch (kind) {
    case NameKind::kNone:
      return false;
    case NameKind::kToken:
      return IsOpaque(value) && !IsPlaceholder(value);
    case NameKind::kKey:
      return IsRandom(value) && !IsPlaceholder(value);
    case NameKind::kWeak:
      return value.size() >= 4 && !std::ranges::all_of(value, IsDigit) && !IsPlaceholder(value);
    default:
      return !IsPlaceholder(value);
  }
}

absl::Status NeedsKey(std::string_view what) {
  return absl::InvalidArgumentError(
      fmt::format("{} is to be hashed, which needs a hash_key: without one anybody could try values", what));
}

// Of the engine's findings, what lies within a field goes: its rule has decided. Both are in order.
void CutOut(const std::vector<Range>& fields, Findings& findings) {
  Findings cut;
  for (Finding finding : findings) {
    const size_t end = finding.end;
    auto field =
        std::ranges::partition_point(fields, [&](const Range& range) { return range.end <= finding.begin; });
    for (; field != fields.end() && field->begin < end; ++field) {
      finding.end = field->begin;
      if (finding.begin < finding.end) cut.push_back(finding);
      finding.begin = field->end;
    }
    finding.end = end;
    if (finding.begin < finding.end) cut.push_back(finding);
  }
  findings = std::move(cut);
}

}  // namespace

std::optional<Action> ActionOf(std::string_view name) {
  if (name == "last4") return Action::kKeepLast4;
  for (const NamedAction& known : kActions) {
    if (known.name == name) return known.action;
  }
  return std::nullopt;
}

std::string ActionNames() {
  std::string names;
  for (const NamedAction& known : kActions) names += (names.empty() ? "" : ", ") + std::string(known.name);
  return names;
}

Mask MaskOf(Action action) {
  switch (action) {
    case Action::kHash:
      return Mask::kHash;
    case Action::kKeepLast4:
      return Mask::kLast4;
    case Action::kPartial:
      return Mask::kPartial;
    case Action::kRemove:
      return Mask::kRemove;
    default:
      return Mask::kStars;
  }
}

absl::StatusOr<std::shared_ptr<const Policy>> Policy::Make(const PolicyOptions& options) {
  auto policy = std::make_shared<Policy>();
  const bool has_key = !options.engine.masks.hash_key.empty();
  if (options.fields.size() > kFieldRulesMax)
    return absl::InvalidArgumentError(fmt::format("more than {} rules of fields", kFieldRulesMax));
  for (const FieldRule& rule : options.fields) {
    TAFFRAIL_ASSIGN_OR_RETURN(FieldPath path, FieldPath::Parse(rule.path));
    if (rule.action == Action::kHash && !has_key) return NeedsKey(rule.path);
    policy->fields_.push_back({std::move(path), rule.action});
  }
  EngineOptions engine = options.engine;
  for (const RuleAction& rule : options.actions) {
    if (rule.action == Action::kHash && !has_key) return NeedsKey(rule.rule);
    if (rule.action == Action::kKeep) {
      engine.disabled.push_back(rule.rule);
    } else {
      engine.masks_of.emplace_back(rule.rule, MaskOf(rule.action));
    }
  }
  TAFFRAIL_ASSIGN_OR_RETURN(policy->engine_, Engine::Make(engine));
  TAFFRAIL_RETURN_IF_ERROR(CheckCases(*policy->engine_, engine.rules));
  return policy;
}

std::optional<Action> Policy::ActionFor(std::span<const std::string> steps) const {
  for (const Field& field : fields_) {
    if (field.path.Fits(steps)) return field.action;
  }
  return std::nullopt;
}

PathVerdict Policy::Judge(std::string_view path) const {
  if (!fields_.empty()) {
    std::vector<std::string> steps;
    AppendSteps(path, steps);
    if (const auto action = ActionFor(steps)) return {.action = action};
  }
  // Only the last name: `secrets.enabled` is no secret.
  const size_t dot = path.rfind('.');
  return {.kind = JudgeName(dot == std::string_view::npos ? path : path.substr(dot + 1))};
}

bool Policy::Replace(const PathVerdict& verdict, std::string_view value, std::string& out) const {
  Finding finding{.end = value.size(), .rule = kSecretField};
  if (verdict.action.has_value()) {
    if (*verdict.action == Action::kKeep) return false;
    finding.mask = MaskOf(*verdict.action);
    if (IsMasked(value, finding.mask)) return false;
  } else if (!IsSecretByName(verdict.kind, value)) {
    return false;
  } else if (verdict.kind == NameKind::kDigits) {
    finding.mask = Mask::kLast4;
  }
  AppendMask(value, finding, engine_->masks(), out);
  return true;
}

void Policy::AddFields(std::string_view text, bool by_line, Scratch& scratch) const {
  if (fields_.empty()) return;
  Findings fields;
  std::vector<Range> decided;  // of these, and of those to keep
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = by_line ? std::min(text.find('\n', begin), text.size()) : text.size();
    const size_t before = fields.size();
    const size_t decided_before = decided.size();
    FindFields(*this, text.substr(begin, end - begin), scratch.paths, fields, decided);
    for (size_t i = decided_before; i < decided.size(); ++i) {
      decided[i].begin += begin;
      decided[i].end += begin;
    }
    for (size_t i = before; i < fields.size(); ++i) {
      fields[i].begin += begin;
      fields[i].end += begin;
      decided.push_back({fields[i].begin, fields[i].end});
    }
    begin = end + 1;
  }
  if (decided.empty()) return;
  std::ranges::sort(decided, {}, &Range::begin);
  CutOut(decided, scratch.findings);
  scratch.findings.insert(scratch.findings.end(), fields.begin(), fields.end());
  std::ranges::sort(scratch.findings, {}, &Finding::begin);
}

void Policy::Find(std::string_view record, Scratch& scratch) const {
  engine_->Find(record, scratch);
  AddFields(record, false, scratch);
}

void Policy::FindInLines(std::string_view lines, Scratch& scratch) const {
  engine_->FindInLines(lines, scratch);
  AddFields(lines, true, scratch);
}

bool Policy::Redact(std::string_view record, Scratch& scratch, std::string& out) const {
  Find(record, scratch);
  return engine_->Write(record, scratch, out);
}

bool Policy::RedactLines(std::string_view lines, Scratch& scratch, std::string& out) const {
  FindInLines(lines, scratch);
  return engine_->Write(lines, scratch, out);
}

}  // namespace taffrail::redact
