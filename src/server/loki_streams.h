// Which streams have lines in a time range, and how many: what the label and index routes of Loki's API
// answer from.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/status.h"
#include "expr/expr.h"
#include "expr/matcher.h"
#include "net/http_server.h"
#include "record/batch.h"
#include "server/app.h"
#include "server/loki_request.h"

namespace taffrail::server {

struct StreamVolume {
  uint64_t lines = 0;
  uint64_t bytes = 0;  // of lines, when asked for
};

using StreamVolumes = std::map<record::Labels, StreamVolume>;

// The condition of a stream selector with line and label filters: what `query` and `match[]` hold. Empty:
// all.
absl::StatusOr<expr::ExprPtr> LokiCondition(std::string_view selector);
absl::StatusOr<std::shared_ptr<const expr::Matcher>> LokiMatcher(std::string_view selector);

// Scans what matches in [start, end).
absl::Status ScanLoki(App& app, const net::HttpResponder& responder,
                      std::shared_ptr<const expr::Matcher> matcher, const LokiRequest::Range& range,
                      bool lines, const store::ScanSink& sink);

absl::StatusOr<StreamVolumes> StreamsOf(App& app, const net::HttpResponder& responder,
                                        std::shared_ptr<const expr::Matcher> matcher,
                                        const LokiRequest::Range& range, bool bytes);

}  // namespace taffrail::server
