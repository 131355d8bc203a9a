// The cases that a user gave with a rule, tried: a rule that is wrong is told when it is configured, not when
// its secret is out.
#pragma once

#include <span>

#include "base/status.h"
#include "redact/engine.h"
#include "redact/rule.h"

namespace taffrail::redact {

// InvalidArgument names the first rule and case that do not hold. REQUIRES: the rules are the engine's.
absl::Status CheckCases(const Engine& engine, std::span<const UserRule> rules);

}  // namespace taffrail::redact
