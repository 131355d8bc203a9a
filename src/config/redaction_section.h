// The `redaction` section of a YAML file: the same in a service's configuration, in the server's, and in a
// file of its own, so that one set of rules can be tried with `taffrail redact` and then used by any of them.
#pragma once

#include <string>
#include <string_view>

#include "config/problems.h"
#include "log/environment.h"
#include "taffrail/redaction.h"

namespace taffrail::config {

struct RedactionSection {
  RedactionConfig config;
  std::string mode;  // of the server alone: cmd/serve_config.h
  Mark mode_mark;
  Mark mark;  // of the section
  bool is_there = false;
};

// Other sections are not looked at. What is right has been taken over, whether or not there are problems.
RedactionSection LoadRedactionSection(std::string_view text, const log::GetEnv& get_env, Problems& problems);

}  // namespace taffrail::config
