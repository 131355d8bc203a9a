#include "server/loki_streams.h"

#include <utility>
#include <vector>

#include "record/row_cursor.h"
#include "server/scan.h"

namespace taffrail::server {

absl::StatusOr<expr::ExprPtr> LokiCondition(std::string_view selector) {
  if (selector.empty()) return expr::True();
  TAFFRAIL_ASSIGN_OR_RETURN(const query::lang::logql::Query query, ParseLoki(selector, {.grid = {0, 0, 1}}));
  if (query.is_metric || !query.plan.stages.empty()) {
    return absl::InvalidArgumentError("only label matchers are supported here: {app=\"api\"}");
  }
  return query.plan.source.filter;
}

absl::StatusOr<std::shared_ptr<const expr::Matcher>> LokiMatcher(std::string_view selector) {
  TAFFRAIL_ASSIGN_OR_RETURN(const expr::ExprPtr condition, LokiCondition(selector));
  return expr::Matcher::Compile(condition);
}

absl::Status ScanLoki(App& app, const net::HttpResponder& responder,
                      std::shared_ptr<const expr::Matcher> matcher, const LokiRequest::Range& range,
                      bool lines, const store::ScanSink& sink) {
  store::ScanRequest request;
  const bool moment = range.start_ns == range.end_ns;
  request.range = {range.start_ns, moment ? range.end_ns + 1 : range.end_ns};
  request.predicate = std::move(matcher);
  request.columns.line = lines;
  return RunScan(app, responder, std::move(request), sink);
}

absl::StatusOr<StreamVolumes> StreamsOf(App& app, const net::HttpResponder& responder,
                                        std::shared_ptr<const expr::Matcher> matcher,
                                        const LokiRequest::Range& range, bool bytes) {
  StreamVolumes volumes;
  std::vector<StreamVolume> counted;  // by stream of the batch
  std::string line;
  const absl::Status status = ScanLoki(app, responder, std::move(matcher), range, bytes,
                                       [&](const record::RecordBatch& batch, const expr::Selection& rows) {
                                         counted.assign(batch.streams.size(), {});
                                         record::RowCursor cursor(batch);
                                         for (const uint32_t row : rows) {
                                           StreamVolume& volume = counted[batch.stream_of(row)];
                                           ++volume.lines;
                                           if (!bytes) continue;
                                           cursor.MoveTo(row);
                                           line.clear();
                                           cursor.AppendLine(line);
                                           volume.bytes += line.size();
                                         }
                                         for (size_t i = 0; i < counted.size(); ++i) {
                                           if (counted[i].lines == 0) continue;
                                           StreamVolume& volume = volumes[batch.streams[i].labels];
                                           volume.lines += counted[i].lines;
                                           volume.bytes += counted[i].bytes;
                                         }
                                         return true;
                                       });
  TAFFRAIL_RETURN_IF_ERROR(status);
  return volumes;
}

}  // namespace taffrail::server
