// The redactor of include/taffrail/redaction.h as the library uses it.
#pragma once

#include <memory>

#include "base/status.h"
#include "taffrail/config.h"

namespace taffrail::redact {
class Policy;
struct UserRule;
}  // namespace taffrail::redact

namespace taffrail::log {

redact::UserRule UserRuleOf(const RedactionRule& rule);
// InvalidArgument says what in it makes no sense, and what would.
absl::StatusOr<std::shared_ptr<const redact::Policy>> MakePolicy(const RedactionConfig& config);

// Gives the configuration the redactor that it asks for, if it has none of its own. One that makes no sense
// is told on the standard error, and the built-in rules alone are used: too much masked is better than
// nothing.
void AddRedactor(Config& config);

// Whether another program can do what this one does: built-in rules and nothing else, or no redactor at all.
bool IsCommonRedactor(const Redactor* redactor);

}  // namespace taffrail::log
