// A scan of the store on behalf of a client: ends when the client leaves, the time is up or the server stops,
// and is counted.
#pragma once

#include <functional>

#include "base/status.h"
#include "net/http_server.h"
#include "query/exec/executor.h"
#include "server/app.h"
#include "store/store.h"

namespace taffrail::server {

// Cancelled, DeadlineExceeded, or what the store says. `request.cancelled` is set by this function.
// `each_block` is called before each block, on any of the scan's threads; null: nothing is.
absl::Status RunScan(App& app, const net::HttpResponder& responder, store::ScanRequest request,
                     const store::ScanSink& sink, const std::function<void()>& each_block = nullptr);

// What a query may use on behalf of a client, and when it ends.
query::exec::ExecOptions OptionsFor(App& app, const net::HttpResponder& responder);

}  // namespace taffrail::server
