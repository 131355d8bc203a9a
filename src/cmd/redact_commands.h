// What the subcommands of `taffrail redact` share: the rules that a configuration gives them.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "cmd/command.h"
#include "redact/policy.h"

namespace taffrail::cmd {

// Of `--config FILE`, whose `redaction` section counts; without a file the built-in rules.
absl::StatusOr<std::shared_ptr<const redact::Policy>> LoadPolicy(base::Env& env, const std::string& file);
void AddPolicyOption(Command command, std::string& file);

void AddRedactScan(Command redact, Program& program);     // redact_scan.cc
void AddRedactExplain(Command redact, Program& program);  // redact_explain.cc: explain and test

}  // namespace taffrail::cmd
