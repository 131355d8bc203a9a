// Asks witnesses to cosign our checkpoints, over HTTP (C2SP tlog-witness).
#pragma once

#include <memory>
#include <vector>

#include "ledger/ledger.h"
#include "server/audit_state.h"

namespace taffrail::server {

std::shared_ptr<ledger::Cosigner> MakeWitnessClient(std::vector<WitnessAddress> witnesses);

}  // namespace taffrail::server
