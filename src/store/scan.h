// Runs a ScanRequest over a snapshot.
#pragma once

#include "base/status.h"
#include "store/snapshot.h"
#include "store/store.h"

namespace taffrail::store {

[[nodiscard]] absl::Status ScanSnapshot(const Snapshot& snapshot, const ScanRequest& request,
                                        const ScanSink& sink, ScanStats* stats);

}  // namespace taffrail::store
