// `taffrail redact [FILE…]`: lines in, the same lines without their secrets out.
#pragma once

#include <string>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "redact/policy.h"

namespace taffrail::cmd {

struct FilterOptions {
  std::vector<std::string> files;  // none: standard input
  bool null_ended = false;         // records end with NUL instead of a newline
};

absl::Status FilterFiles(base::Env& env, const redact::Policy& policy, const FilterOptions& options,
                         redact::Scratch& scratch);

}  // namespace taffrail::cmd
