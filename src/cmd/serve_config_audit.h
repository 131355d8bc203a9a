// The section `audit` of taffrail.yaml (docs/audit.md).
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "server/audit_state.h"

namespace YAML {
class Node;
}

namespace taffrail::cmd {

// A mistake: the line it is in, from 0, and what to write instead.
struct AuditConfigError {
  int line = -1;  // -1: none
  std::string message;
};

AuditConfigError ApplyAuditConfig(const YAML::Node& section, server::AuditOptions& options);

}  // namespace taffrail::cmd
